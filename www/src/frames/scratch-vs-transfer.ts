/** The contract with `src/widgets/scratch_vs_transfer.rs`. `tests/frames/scratch-vs-transfer.json` is checked against it. */
import type { BaseFrame } from "./frame";

export interface Frame extends BaseFrame {
  origin: "base" | "mine" | "imported" | "random";
  /** Every setting by its attribute name, as in force. */
  config: Record<string, string>;
  /** The places of the slider, and the one in hand. */
  labels: number[];
  hand: number;
  /** Share of right answers that is enough. */
  enough: number;
  n_test: number;
  /** Share of held-out reviews judged rightly, for each place whose runs are made. */
  transfer: (number | null)[];
  scratch: (number | null)[];
  /** The run under way. */
  racing: { is_transfer: boolean; place: number; step: number; steps: number } | null;
  /** Labels that are enough, or, where it is not `reached`, the most that were tried. */
  transfer_needs: Needed | null;
  scratch_needs: Needed | null;
  factor: number | null;
  /** Some of the labels in hand. */
  shown: { text: string; good: boolean }[];
}

export interface Needed {
  labels: number;
  reached: boolean;
}

export type Command = { type: "labels"; labels: string };
