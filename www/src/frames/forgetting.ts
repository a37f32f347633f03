/** The contract with `src/widgets/forgetting/`. `tests/frames/forgetting.json` is checked against it. */
import type { Answered } from "../components/before-now";
import type { BaseFrame } from "./frame";

export interface Frame extends BaseFrame {
  origin: "base" | "mine" | "imported" | "random";
  /** Every setting by its attribute name, as in force; `remedies` are those in hand. */
  config: Record<string, string>;
  /** Places of the slider of old text, and the share of a step's rows that each is. */
  replayed: { rows: number; share: number }[];
  hand: number;
  /** The run under way. */
  learning: number | null;
  /** What the base knows, and questions of each kind. */
  base: Counts;
  asked: Counts;
  runs: Made[];
  /** Steps after which the run in hand was asked for all tasks, and how many answers were right then. */
  moments: number[];
  tasks: { name: string; n: number; right: number[] }[];
  probes: { task: string; prompt: string; answer: string }[];
  before: Answered[];
  /** Null before the run in hand has begun. */
  answers: Answered[] | null;
}

export interface Counts {
  learned: number;
  untouched: number;
  kept: number;
}

export interface Made {
  /** Names of remedies: `low-rate replay-12`, or `none`. */
  remedies: string;
  done: boolean;
  step: number;
  steps: number;
  right: Counts | null;
  /** Rise of the loss on held-out text over the base's, in nats per token. */
  rise: number | null;
}

export type Command = { type: "remedies"; remedies: string };
