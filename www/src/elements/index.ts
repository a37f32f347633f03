/** Every element of the bundle: a new one is one more line in each list. */
import { LoraRank } from "./lora-rank";
import { NextToken } from "./next-token";

export { LoraRank, NextToken };

export const elements = [LoraRank, NextToken];
