/** Every element of the bundle: a new one is one more line in each list. */
import { BiasProbe } from "./bias-probe";
import { Checklist } from "./checklist";
import { Claim } from "./claim";
import { Forgetting } from "./forgetting";
import { Guardrails } from "./guardrails";
import { LoraRank } from "./lora-rank";
import { Memorization } from "./memorization";
import { NextToken } from "./next-token";
import { PeftMethods } from "./peft-methods";
import { RlhfGame } from "./rlhf-game";
import { ScratchVsTransfer } from "./scratch-vs-transfer";
import { Sentiment } from "./sentiment";
import { TrainingCost } from "./training-cost";
import { TransferDepth } from "./transfer-depth";

export { BiasProbe, Checklist, Claim, Forgetting, Guardrails, LoraRank, Memorization, NextToken, PeftMethods, RlhfGame, ScratchVsTransfer, Sentiment, TrainingCost, TransferDepth };

export const elements = [BiasProbe, Checklist, Claim, Forgetting, Guardrails, LoraRank, Memorization, NextToken, PeftMethods, RlhfGame, ScratchVsTransfer, Sentiment, TrainingCost, TransferDepth];
