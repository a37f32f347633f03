/** Every element of the bundle: a new one is one more line in each list. */
import { BiasProbe } from "./bias-probe";
import { Claim } from "./claim";
import { FinetuningTypes } from "./finetuning-types";
import { Forgetting } from "./forgetting";
import { Guardrails } from "./guardrails";
import { LoraRank } from "./lora-rank";
import { Memorization } from "./memorization";
import { NextToken } from "./next-token";
import { Objectives } from "./objectives";
import { RlhfGame } from "./rlhf-game";
import { ScratchVsTransfer } from "./scratch-vs-transfer";
import { Sentiment } from "./sentiment";
import { TrainingCost } from "./training-cost";

export { BiasProbe, Claim, FinetuningTypes, Forgetting, Guardrails, LoraRank, Memorization, NextToken, Objectives, RlhfGame, ScratchVsTransfer, Sentiment, TrainingCost };

export const elements = [BiasProbe, Claim, FinetuningTypes, Forgetting, Guardrails, LoraRank, Memorization, NextToken, Objectives, RlhfGame, ScratchVsTransfer, Sentiment, TrainingCost];
