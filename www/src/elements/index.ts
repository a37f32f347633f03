/** Every element of the bundle: a new one is one more line in each list. */
import { Claim } from "./claim";
import { Forgetting } from "./forgetting";
import { LoraRank } from "./lora-rank";
import { NextToken } from "./next-token";
import { ScratchVsTransfer } from "./scratch-vs-transfer";
import { Sentiment } from "./sentiment";

export { Claim, Forgetting, LoraRank, NextToken, ScratchVsTransfer, Sentiment };

export const elements = [Claim, Forgetting, LoraRank, NextToken, ScratchVsTransfer, Sentiment];
