/** Every element of the bundle: a new one is one more line in each list. */
import { LoraRank } from "./lora-rank";
import { NextToken } from "./next-token";
import { RlhfGame } from "./rlhf-game";

export { LoraRank, NextToken, RlhfGame };

export const elements = [LoraRank, NextToken, RlhfGame];
