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
import { Scaling } from "./scaling";
import { ScratchVsTransfer } from "./scratch-vs-transfer";
import { Sentiment } from "./sentiment";
import { Summary } from "./summary";
import { TextToText } from "./text-to-text";
import { TrainingCost } from "./training-cost";

export {
  BiasProbe,
  Claim,
  DataMixture,
  Forgetting,
  Guardrails,
  LoraRank,
  Memorization,
  NextToken,
  RlhfGame,
  Scaling,
  ScratchVsTransfer,
  Sentiment,
  Summary,
  TextToText,
  TrainingCost,
};

export const elements = [
  BiasProbe,
  Claim,
  DataMixture,
  Forgetting,
  Guardrails,
  LoraRank,
  Memorization,
  NextToken,
  RlhfGame,
  Scaling,
  ScratchVsTransfer,
  Sentiment,
  Summary,
  TextToText,
  TrainingCost,
];
