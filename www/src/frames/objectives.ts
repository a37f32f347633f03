/** The contract with `src/widgets/objectives/`. `tests/frames/objectives.json` is checked against it. */
import type { BaseFrame } from "./frame";

export type GoalName = "causal-lm" | "masked-lm" | "span-corruption" | "denoising" | "contrastive";

export interface Frame extends BaseFrame {
  /** Every setting by its attribute name, as in force. */
  config: Record<string, string>;
  /** The objective in hand, and the one that learned last. */
  hand: number;
  learning: number | null;
  goals: Goal[];
  sentences: string[];
  sentence: number;
  /** The sentence in hand, word by word. */
  words: { text: string; hidden: boolean }[];
  /** Sentences of this world that what is left can come from; null for pictures. */
  fits: number | null;
  /** What the model in hand says; null before it has begun. */
  said: (Piece & { right: boolean })[] | null;
  exact: boolean | null;
  /** If pictures are in hand. */
  pairs: Pair[];
}

export interface Piece {
  /** Of a gap, its number from 1; empty of masks and ends. */
  text: string;
  kind: "word" | "mask" | "gap" | "end";
}

export interface Goal {
  name: GoalName;
  /** What its model reads of the sentence and has to say; empty of pictures. */
  input: Piece[];
  target: Piece[];
  step: number;
  done: boolean;
  /** Mean losses of every ten steps, in nats. */
  losses: number[];
  /** Questions of the exam that are answered, and all of them. */
  right: number | null;
  asked: number | null;
  /** Captions preferred to the same with both things swapped, and how often that was asked. */
  swapped: [number, number] | null;
}

export interface Pair {
  /** Red, green and blue of 16 × 16 pixels, two hexadecimal digits each. */
  pixels: string;
  caption: string;
  swapped: string;
  /** The caption that the model finds among 16, and the picture's cosines with its own and with the swapped one. */
  found: { caption: string; right: boolean; own: number; other: number } | null;
}

export type Command = { type: "objective"; objective: GoalName } | { type: "sentence"; sentence: number } | { type: "press"; word: number } | { type: "pictures" };
