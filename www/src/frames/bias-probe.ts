/** The contract with `src/widgets/bias_probe/`. `tests/frames/bias-probe.json` is checked against it. */
import type { BaseFrame } from "./frame";

/** Has read the text; then also a copy with pronouns exchanged in sentences about professions; or in all sentences. */
export type Model = "biased" | "targeted" | "naive";

export interface Frame extends BaseFrame {
  /** Every setting by its attribute name, as in force. */
  config: Record<string, string>;
  /** The model whose numbers stand in front. */
  view: Model;
  /** The model that is trained next. */
  next: Model | null;
  /** Log-odds of "he" over "she", in the text and by each model. */
  professions: { name: string; usual: string; he: number; she: number; text: number; models: (number | null)[] }[];
  /** The right pronoun's probability, of the two, by each model. */
  names: { name: string; pronoun: string; models: (number | null)[] }[];
  /** Mean distance of the text from even odds, in nats. */
  text_gap: number;
  models: (Found | null)[];
}

export interface Found {
  done: boolean;
  /** Of the model's log-odds on the text's. */
  slope: number;
  /** Mean distance from even odds, in nats. */
  gap: number;
  /** Share of the biased model's gap that is gone. */
  removed: number;
  /** Share of names with the right pronoun the likelier one, and its mean probability. */
  names_right: number;
  certainty: number;
}

export type Command = { type: "reset" } | { type: "view"; model: Model } | { type: "configure"; attributes: Record<string, string> };
