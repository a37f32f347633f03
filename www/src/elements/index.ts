/** Every element of the bundle: a new one is one more line in each list. */
import { BiasProbe } from "./bias-probe";
import { Checklist } from "./checklist";
import { Claim } from "./claim";
import { DataMixture } from "./data-mixture";
import { FinetuningTypes } from "./finetuning-types";
import { Forgetting } from "./forgetting";
import { Guardrails } from "./guardrails";
import { LoraRank } from "./lora-rank";
import { Memorization } from "./memorization";
import { NextToken } from "./next-token";
import { Objectives } from "./objectives";
import { PeftMethods } from "./peft-methods";
import { RlhfGame } from "./rlhf-game";
import { Scaling } from "./scaling";
import { ScratchVsTransfer } from "./scratch-vs-transfer";
import { Sentiment } from "./sentiment";
import { Summary } from "./summary";
import { TextToText } from "./text-to-text";
import { TrainingCost } from "./training-cost";
import { TransferDepth } from "./transfer-depth";

export {
  BiasProbe,
  Checklist,
  Claim,
  DataMixture,
  FinetuningTypes,
  Forgetting,
  Guardrails,
  LoraRank,
  Memorization,
  NextToken,
  Objectives,
  PeftMethods,
  RlhfGame,
  Scaling,
  ScratchVsTransfer,
  Sentiment,
  Summary,
  TextToText,
  TrainingCost,
  TransferDepth,
};

export const elements = [
  BiasProbe,
  Checklist,
  Claim,
  DataMixture,
  FinetuningTypes,
  Forgetting,
  Guardrails,
  LoraRank,
  Memorization,
  NextToken,
  Objectives,
  PeftMethods,
  RlhfGame,
  Scaling,
  ScratchVsTransfer,
  Sentiment,
  Summary,
  TextToText,
  TrainingCost,
  TransferDepth,
];
