/** The contract with `src/widgets/transfer_depth/`. `tests/frames/transfer-depth.json` is checked against it. */
import type { BaseFrame } from "./frame";

export type Method = "features" | "lora" | "last-block" | "full" | "continued";
export type Domain = "near" | "far";

export interface Frame extends BaseFrame {
  origin: "base" | "mine" | "imported" | "random";
  /** Every setting by its attribute name, as in force; `domain` and `labels` are the case in hand. */
  config: Record<string, string>;
  /** From the shallowest to the one that costs most, with the steps of the case in hand. */
  methods: { method: Method; trained: number; step: number; steps: number }[];
  /** The place of the depth under way. */
  learning: number | null;
  /** First the near ones by their labels, then the far ones. */
  cases: Case[];
  hand: number;
  /** Cases that were bet on and are known, and bets won. */
  placed: number;
  won: number;
  /** Held-out texts, and choices of labels over which an accuracy is the mean. */
  n_test: number;
  n_draws: number;
  /** Some of the labels in hand. */
  texts: { text: string; class: number }[];
}

export interface Case {
  domain: Domain;
  labels: number;
  bet: Method | null;
  /** Accuracies by depth, as far as they are known. */
  results: (number | null)[];
  /** Depths that are the best, or as good; none before all are known. */
  best: Method[];
  won: boolean | null;
  /** Of the amount of data; in a far domain also of the domain. */
  rules: { named: Method[]; holds: boolean | null }[];
}

export type Command = { type: "case"; domain: string; labels: string } | { type: "bet"; method: Method | null };
