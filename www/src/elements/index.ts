/** Every element of the bundle: a new one is one more line in each list. */
import { Claim } from "./claim";
import { Forgetting } from "./forgetting";
import { LoraRank } from "./lora-rank";
import { NextToken } from "./next-token";

export { Claim, Forgetting, LoraRank, NextToken };

export const elements = [Claim, Forgetting, LoraRank, NextToken];
