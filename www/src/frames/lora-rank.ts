/** The contract with `src/widgets/lora_rank/`. `tests/frames/lora-rank.json` is checked against it. */
import type { BaseFrame } from "./frame";

export interface Frame extends BaseFrame {
  origin: "base" | "mine" | "imported" | "random";
  /** Every setting by its attribute name, as in force; `rank` is the one in hand. */
  config: Record<string, string>;
  task: Task;
  /** Weights of the base, all of them frozen. */
  n_params: number;
  /** Questions that the score is over, and capitals that are not to be forgotten. */
  n_asked: number;
  n_kept: number;
  /** The base's loss on held-out text, in nats per token, once measured. */
  held_out: number | null;
  /** The place of the rank in hand. */
  hand: number;
  /** The place of the run that is trained now. */
  learning: number | null;
  runs: Place[];
  probes: Probed[];
  /** What the rank in hand answers to the probes as far as it has come; null before it has begun. */
  answers: Said[] | null;
  picture: Picture;
  spectrum: Spectrum | null;
  desk: OnDesk | null;
  gpt3: AtGpt3;
}

export type Task = "known" | "new" | "reviews";
export type Group = "asked" | "taught" | "second" | "kept";
export type Adapter = "none" | "first" | "second" | "opened";

/** A place of the slider. */
export interface Place {
  label: string;
  /** Null for full fine-tuning. */
  rank: number | null;
  done: boolean;
  step: number;
  steps: number;
  /** Weights that are trained, and their share of the base's. */
  trained: number;
  share: number;
  optimizer_bytes: number;
  /** Right answers of `n_asked`, when last measured. */
  asked: number | null;
  /** Capitals still known of `n_kept`, at the end. */
  kept: number | null;
  /** Rise of the loss on held-out text over the base's, in nats per token, at the end. */
  rise: number | null;
  answers: Said[] | null;
}

export interface Probed {
  group: Group;
  prompt: string;
  answer: string;
}

export interface Said {
  text: string;
  /** The model's own probability for it. */
  p: number;
  right: boolean;
}

/** A matrix as cells from −1 to 1, each the mean of a block of it; `largest` is what 1 stands for. */
export interface Grid {
  rows: number;
  cols: number;
  largest: number;
  cells: number[][];
}

/** Rows are outputs. Without an adapter `a` and `b` are empty. */
export interface Picture {
  layer: number;
  module: string;
  n_layer: number;
  modules: string[];
  is_trained: boolean;
  weight: Grid;
  update: Grid;
  b: Grid;
  a: Grid;
  relative_norm: number;
}

/** Of full fine-tuning's own update. `energy`: the share of the sum of squares that the first `kept` hold. */
export interface Spectrum {
  values: number[];
  kept: number;
  energy: number;
  for_90: number;
}

export interface OnDesk {
  adapter: Adapter;
  merged: boolean;
  questions: Probed[];
  found: {
    /** The base's answers first. */
    tried: { adapter: Adapter; r: number; answers: Said[] }[];
    /** SHA-256 of the base's weights: at first, after every adapter was on, with one added in, taken out again. */
    fingerprint: string;
    swapped: string;
    merged: string | null;
    unmerged: string | null;
    /** Largest difference of any two scores, added in and beside. */
    difference: number | null;
  };
}

export interface AtGpt3 {
  n_params: number;
  trained: number;
  trained_qv: number;
  file_bytes: number;
  memory_bytes: number;
  full_memory_bytes: number;
  wikisql: number | null;
  wikisql_full: number;
}

export type Command =
  | { type: "reset" }
  | { type: "rank"; rank: string }
  | { type: "matrix"; layer: number; module: string }
  | { type: "adapter"; adapter: Adapter }
  | { type: "merge"; merged: boolean }
  | { type: "configure"; attributes: Record<string, string> };
