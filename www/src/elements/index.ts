/** Every element of the bundle: a new one is one more line in each list. */
import { BiasProbe } from "./bias-probe";
import { Claim } from "./claim";
import { Guardrails } from "./guardrails";
import { LoraRank } from "./lora-rank";
import { Memorization } from "./memorization";
import { NextToken } from "./next-token";
import { RlhfGame } from "./rlhf-game";
import { TrainingCost } from "./training-cost";

export { BiasProbe, Claim, Guardrails, LoraRank, Memorization, NextToken, RlhfGame, TrainingCost };

export const elements = [BiasProbe, Claim, Guardrails, LoraRank, Memorization, NextToken, RlhfGame, TrainingCost];
