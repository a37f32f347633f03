/** The contract with `src/widgets/next_token.rs`. `tests/frames/next-token.json` is checked against it. */
import type { BaseFrame, Token } from "./frame";

export interface Frame extends BaseFrame {
  origin: "random" | "base" | "mine" | "imported";
  corpus: string;
  tokenizer: TokenizerKind;
  /** Every option of `train` by its attribute name, as in force. */
  config: Record<string, number | string>;
  tokens_seen: number;
  n_params: number;
  vocab_size: number;
  learning_rate: number;
  grad_norm: number | null;
  val_loss: number | null;
  /** The text's entropy in nats per token, where it is known: no model can do better. */
  floor: number | null;
  /** ln(vocab_size): the loss of knowing nothing. */
  ceiling: number;
  curve: Curve;
  /** `truncated`: tokens cut on the left, because the model sees only so many. */
  prompt: { text: string; tokens: Token[]; truncated: number };
  /** The likeliest tokens; `p` as the model says, `p_sampled` after temperature and cuts. */
  next: Candidate[];
  n_kept: number;
  generated: Token[];
  samples: { step: number; text: string }[];
  examples: { context: Token[]; target: Token; loss: number; p: number }[];
  attention: Attention;
}

export interface Curve {
  steps: number[];
  train: number[];
  val_steps: number[];
  val: number[];
  /** Each training point is the mean of 2^doublings steps, the last one of `filled`: the core's own bookkeeping. */
  doublings: number;
  filled: number;
}

export type TokenizerKind = "char" | "word" | "bpe";

export interface Candidate extends Token {
  p: number;
  p_sampled: number;
  removed_by: null | "top_k" | "top_p" | "min_p";
}

/** `causal`: no token attends to one after it. `weights[i][j]`: how much token i attends to token j, 0 to 1. */
export interface Attention {
  layer: number;
  head: number;
  n_layer: number;
  n_head: number;
  tokens: string[];
  causal: boolean;
  weights: number[][];
}

export interface Sampling {
  temperature: number;
  top_k: number;
  top_p: number;
  min_p: number;
  repetition_penalty: number;
}

export type Command =
  | { type: "reset" }
  | { type: "prompt"; text: string }
  | { type: "append"; id: number }
  | ({ type: "sampling" } & Sampling)
  | { type: "generate"; max_new_tokens: number }
  | { type: "head"; layer: number; head: number }
  | { type: "corpus"; name: string; text: string; tokenizer: TokenizerKind }
  | { type: "configure"; attributes: Record<string, string> };
