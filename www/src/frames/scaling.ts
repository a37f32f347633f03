/** The contract with `src/widgets/scaling/`. `tests/frames/scaling.json` is checked against it. */
import type { BaseFrame } from "./frame";

export interface Frame extends BaseFrame {
  /** Every setting by its attribute name, as in force. */
  config: Record<string, string>;
  /** Floating-point operations that are done, and those of all sizes that are wanted. */
  work: number;
  works: number;
  /** What no model can beat, in nats per token. */
  floor: number;
  rungs: Rung[];
  /** Sizes that are trained, and those that are before the first that is foretold. */
  trained: number;
  first: number;
  /** Whether the next one has been begun: it is too late for a guess. */
  begun: boolean;
  /** The line through the first `sizes`, and where it begins and ends: computation, and loss above the floor. */
  law: { sizes: number; exponent: number; r_squared: number; from: [number, number]; to: [number, number] } | null;
}

export interface Rung {
  width: number;
  parameters: number;
  steps: number;
  /** Floating-point operations of the whole run. */
  compute: number;
  /** Held-out, in nats per token. */
  loss: number | null;
  /** Share of a hundred sums that it knows. */
  sums: number | null;
  /** By the line; told once the size is trained, or the reader has told a guess. */
  foretold: number | null;
  guess: number | null;
}

export type Command = { type: "sizes"; sizes: number } | { type: "guess"; loss: number } | { type: "configure"; attributes: Record<string, string> };
