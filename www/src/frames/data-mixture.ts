/** The contract with `src/widgets/data_mixture/`. `tests/frames/data-mixture.json` is checked against it. */
import type { BaseFrame } from "./frame";

export interface Frame extends BaseFrame {
  /** Every setting by its attribute name, as in force. */
  config: Record<string, string>;
  /** Helpings of crawl, links, books, encyclopedia and French: of the next run, or the last one. */
  mix: number[];
  /** What no model can beat on each, in nats per token. */
  floors: number[];
  /** The run before, and the last one. */
  runs: Run[];
  /** What texts can begin with; first, nothing. */
  starts: string[];
  /** Some facts, and what the models of both runs answer. */
  facts: { question: string; expected: string; said: ({ text: string; p: number; right: boolean } | null)[] }[];
}

/** The lists are empty until it is `done`. */
export interface Run {
  mix: number[];
  shares: number[];
  done: boolean;
  /** Held-out, in nats per token. */
  losses: number[];
  /** What it says after each of the beginnings. */
  said: string[];
  /** Facts of the encyclopedia, and of the second language. */
  knows: { right: number; n: number }[];
}

export type Command = { type: "mix"; mix: string } | { type: "configure"; attributes: Record<string, string> };
