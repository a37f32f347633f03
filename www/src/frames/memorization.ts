/** The contract with `src/widgets/memorization/`. `tests/frames/memorization.json` is checked against it. */
import type { BaseFrame } from "./frame";

export type Keep = "nothing" | "others";

export interface Frame extends BaseFrame {
  /** Every setting by its attribute name, as in force. */
  config: Record<string, string>;
  /** The model that is trained now. */
  learning: number | null;
  /** Whose secrets can be forgotten; which of them is, is the setting `forget`, from 1. */
  targets: string[];
  levels: { copies: number; n: number; extracted: number | null; exposure: number | null }[];
  /** A secret of each number of copies, and what each model says. */
  shown: { keeper: string; code: string; copies: number; said: (string | null)[] }[];
  /** All read, unlearned, relearned, trained anew, taught anew. */
  models: Outcome[];
}

export interface Outcome {
  done: boolean;
  steps: number;
  /** What it knows of the secret that is to be forgotten; `exposure` in bits, of 13.3 at most. */
  target: { extracted: boolean; probability: number; exposure: number } | null;
  /** Mean probability of the codes of other well-known secrets. */
  neighbors: number | null;
  /** Loss of ordinary held-out sentences, in nats per token. */
  held_out: number | null;
}

export type Command = { type: "reset" } | { type: "forget"; secret: number; keep: Keep } | { type: "configure"; attributes: Record<string, string> };
