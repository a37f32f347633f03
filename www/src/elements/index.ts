/** Every element of the bundle: a new one is one more line in each list. */
import { BiasProbe } from "./bias-probe";
import { Claim } from "./claim";
import { DataMixture } from "./data-mixture";
import { Forgetting } from "./forgetting";
import { Guardrails } from "./guardrails";
import { LoraRank } from "./lora-rank";
import { Memorization } from "./memorization";
import { NextToken } from "./next-token";
import { RlhfGame } from "./rlhf-game";
import { ScratchVsTransfer } from "./scratch-vs-transfer";
import { Sentiment } from "./sentiment";
import { TrainingCost } from "./training-cost";

export { BiasProbe, Claim, DataMixture, Forgetting, Guardrails, LoraRank, Memorization, NextToken, RlhfGame, ScratchVsTransfer, Sentiment, TrainingCost };

export const elements = [BiasProbe, Claim, DataMixture, Forgetting, Guardrails, LoraRank, Memorization, NextToken, RlhfGame, ScratchVsTransfer, Sentiment, TrainingCost];
