/** What every widget's frame has; the rest is in the widget's own file here. Plain data, named as in Rust. */

export interface BaseFrame {
  /** Attributes that were not understood; the documented default is in force instead. */
  warnings: { attribute: string; given: string; allowed: string }[];
  step: number;
  steps: number;
  loss: number | null;
  /** SHA-256 of the trained tensors, once training is complete. */
  fingerprint: string | null;
  /** One plain sentence of what is on screen. */
  summary: string;
}

export interface Token {
  id: number;
  /** A leading space belongs to the token. */
  text: string;
  /** A lone byte of a word that is not in the vocabulary. */
  byte: boolean;
}
