/** The contract with `src/widgets/peft_methods/`. `tests/frames/peft-methods.json` is checked against it. */
import type { Answered } from "../components/before-now";
import type { BaseFrame } from "./frame";

export type Way = "lora" | "adapters" | "prefix" | "prompt" | "full";
export type Task = "known" | "new";

export interface Frame extends BaseFrame {
  origin: "base" | "mine" | "imported" | "random";
  /** Every setting by its attribute name, as in force. */
  config: Record<string, string>;
  /** Weights of the base. */
  n_params: number;
  /** Questions that scores are over, by task, and what the base answers of them. */
  asked: number[];
  right: number[];
  /** Capitals, and what the base knows of them. */
  n_capitals: number;
  kept: number;
  methods: Method[];
  /** First of the one task, then of the other, in the order of the methods. */
  runs: Made[];
  /** The run under way. */
  learning: number | null;
  /** The task in hand, and what is on, by its place among the methods. */
  task: Task;
  on: number | null;
  probes: { group: string; prompt: string; answer: string }[];
  before: Answered[];
  /** With what is on, once that is trained. */
  answers: Answered[] | null;
  /** SHA-256 of the base's weights before anything was beside them, and since something was put on. */
  base_before: string;
  base_after: string | null;
  n_switched: number;
}

export interface Method {
  way: Way;
  /** Numbers that are trained, and their share of the base's. */
  trained: number;
  share: number;
  optimizer_bytes: number;
  file_bytes: number;
  /** Whether they can be added into the base's own weights. */
  merges: boolean;
}

export interface Made {
  way: Way;
  task: Task;
  done: boolean;
  step: number;
  steps: number;
  right: number | null;
  kept: number | null;
  /** Rise of the loss on held-out text over the base's, in nats per token. */
  rise: number | null;
}

export type Command = { type: "adapter"; way: Way | null } | { type: "task"; task: Task };
