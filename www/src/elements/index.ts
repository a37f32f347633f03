/** Every element of the bundle: a new one is one more line in each list. */
import { Claim } from "./claim";
import { LoraRank } from "./lora-rank";
import { NextToken } from "./next-token";
import { RlhfGame } from "./rlhf-game";

export { Claim, LoraRank, NextToken, RlhfGame };

export const elements = [Claim, LoraRank, NextToken, RlhfGame];
