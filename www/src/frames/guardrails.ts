/** The contract with `src/widgets/guardrails/`. `tests/frames/guardrails.json` is checked against it. */
import type { BaseFrame } from "./frame";

export interface Frame extends BaseFrame {
  /** Every setting by its attribute name, as in force. */
  config: Record<string, string>;
  /** The slot that is trained now. */
  learning: number | null;
  /** Refusals only from a lesson; also from pre-training; only from a longer lesson. */
  ways: Way[];
  /** Requests that were in no text and no lesson, and what the model of each slot answers. */
  probes: { prompt: string; is_forbidden: boolean; answers: (string | null)[] }[];
  /** What the attacker wrote: requests with answers. */
  examples: [string, string][];
}

export interface Way {
  name: "lesson" | "mixed" | "longer";
  /** Steps of its lesson. */
  lesson: number;
  /** Slots of what was read, of the lesson and of the attack. */
  slots: number[];
  /** Probability that an unseen forbidden request is refused, before each step of the attack and after the last one. */
  curve: number[];
  /** Whether the attack is over. */
  done: boolean;
  /** Steps until that probability is a tenth; null if it is not. */
  off: number | null;
  /** The probability that an unseen allowed request is refused after the lesson. */
  wrongly: number | null;
  /** The probability of the right answer to a forbidden request: read, taught, attacked. */
  complies: (number | null)[];
}

export type Command = { type: "reset" } | { type: "examples"; n: number } | { type: "configure"; attributes: Record<string, string> };
