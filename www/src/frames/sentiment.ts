/** The contract with `src/widgets/sentiment/`. `tests/frames/sentiment.json` is checked against it. */
import type { Answered } from "../components/before-now";
import type { BaseFrame } from "./frame";

export interface Frame extends BaseFrame {
  origin: "base" | "mine" | "imported" | "random";
  /** Every setting by its attribute name, as in force. */
  config: Record<string, string>;
  /** The words that stand for the labels. */
  answers: string[];
  /** Reviews that the reader may label; labels are places in `answers`. */
  deck: { text: string; label: number | null; given: number }[];
  /** Labels of each kind that are learned from. */
  labels: number[];
  /** Whether there is one of each kind. */
  can_train: boolean;
  n_test: number;
  n_negated: number;
  n_capitals: number;
  before: Measured | null;
  now: Measured | null;
  /** Steps taken, and held-out reviews judged rightly then. */
  curve: number[][];
  shown: { text: string; answer: string; before: Answered; now: Answered | null }[];
  judged: { text: string; unknown: string[]; too_long: boolean; before: Verdict | null; now: Verdict | null };
  /** Words to make a sentence of: praise, blame. */
  words: string[][];
}

export interface Measured {
  /** Rows are the right answers, columns the given ones; last, any other word. */
  confusion: number[][];
  negated: number;
  capitals: number;
  held_out: number;
}

export interface Verdict {
  chances: number[];
  said: string;
}

export type Labels = "given" | "mine";

export type Command = { type: "label"; review: number; label: number | null } | { type: "train_on"; labels: Labels } | { type: "judge"; text: string };
