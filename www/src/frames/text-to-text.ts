/** The contract with `src/widgets/text_to_text/`. `tests/frames/text-to-text.json` is checked against it. */
import type { BaseFrame } from "./frame";

export interface Frame extends BaseFrame {
  /** Every setting by its attribute name, as in force. */
  config: Record<string, string>;
  /** The model that is trained: 0 the base, 1 the one for all tasks, then one for each. */
  learning: number | null;
  /** Weights of a model. */
  parameters: number;
  /** Translating, judging, answering, summarizing. */
  tasks: Task[];
  /** What the reader asked, last first, then one question for each task. */
  asked: Asked[];
}

export interface Task {
  /** Some of its wordings; models never see the last two. */
  wordings: string[];
  texts: string[];
  n_test: [number, number];
  /** Share of held-out texts that the one model does rightly, and the task's own: in wordings that were seen, in others. */
  one: [number | null, number | null];
  apart: [number | null, number | null];
}

export interface Asked {
  wording: string;
  text: string;
  /** Whether models have learned from this wording. */
  seen: boolean;
  base: string | null;
  one: string | null;
  /** Where there is one right answer. */
  expected: string | null;
}

export type Command = { type: "ask"; wording: string; text: string } | { type: "configure"; attributes: Record<string, string> };
