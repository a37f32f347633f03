/** Every element of the bundle: a new one is one more line in each list. */
import { BiasProbe } from "./bias-probe";
import { Claim } from "./claim";
import { LoraRank } from "./lora-rank";
import { NextToken } from "./next-token";
import { TrainingCost } from "./training-cost";

export { BiasProbe, Claim, LoraRank, NextToken, TrainingCost };

export const elements = [BiasProbe, Claim, LoraRank, NextToken, TrainingCost];
