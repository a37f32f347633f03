/** The contract with `src/widgets/finetuning_types/`. `tests/frames/finetuning-types.json` is checked against it. */
import type { BaseFrame } from "./frame";

export type KindName = "task-specific" | "instruction" | "dialogue" | "rlhf" | "domain" | "multi-task";

export interface Frame extends BaseFrame {
  origin: "base" | "mine" | "imported" | "random";
  /** Every setting by its attribute name, as in force. */
  config: Record<string, string>;
  /** The type in hand, and the one under way. */
  hand: number;
  learning: number | null;
  /** Weights, all of which every type trains. */
  n_params: number;
  kinds: Kind[];
  /** Examples of what the type in hand learns from, by what the loss makes of their parts. */
  examples: { text: string; role: "read" | "learn" | "better" | "worse" }[][];
  probes: { prompt: string; expected: string | null; before: Reply; after: Reply | null }[];
}

export interface Kind {
  name: KindName;
  /** Examples that it learns from. */
  n: number;
  /** Tokens of an example that the loss counts, on average; null where no answer is given. */
  scored: number | null;
  step: number;
  steps: number;
  done: boolean;
  /** The share of right answers; of a domain, its loss in nats per token. */
  before: number | null;
  after: number | null;
  /** Questions, reviews or notes of the exam; of several tasks, of each. */
  asked: number[];
  /** Of several tasks, the share of each. */
  parts: number[];
  /** Of conversations, before and after: the share of answers with the right fact in whatever words. */
  known: [number, number] | null;
}

export interface Reply {
  text: string;
  right: boolean;
}

export type Command = { type: "kind"; kind: KindName };
