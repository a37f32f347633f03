/** The same questions answered before and now: what was said, and whether it was right, by color, sign and word. */
import { html, nothing } from "lit";
import type { TemplateResult } from "lit";
import type { Format } from "../format";
import { table } from "./table";

export interface Answered {
  text: string;
  /** The model's own probability for it. */
  p: number;
  right: boolean;
}

export interface AnswerWords {
  right: string;
  wrong: string;
}

/** One answer. */
export function answer({ text, p, right }: Answered, words: AnswerWords, format: Format): TemplateResult {
  return html`<span class="answer ${right ? "yes" : "no"}"><span class="sign" aria-hidden="true">${right ? "✓" : "✗"}</span> <bdi>${text}</bdi><span class="unseen">, ${right ? words.right : words.wrong}</span> <small>${format.share(p)}</small></span>`;
}

export interface BeforeNowView {
  caption: string;
  /** Above the questions, the answers before, those now, and the right ones. */
  columns: readonly string[];
  rows: readonly { question: string; note: string; before: Answered | null; now: Answered | null; expected: string }[];
  /** Where there is no answer yet. */
  none: string;
  words: AnswerWords;
  format: Format;
}

export function beforeNow({ caption, columns, rows, none, words, format }: BeforeNowView): TemplateResult {
  const cell = (said: Answered | null) => (said ? answer(said, words, format) : html`<span class="hint">${none}</span>`);
  return html`<div class="answers">
    ${table(
      caption,
      columns,
      rows.map(({ question, note, before, now, expected }) => [html`<bdi>${question}</bdi>${note ? html` <small>${note}</small>` : nothing}`, cell(before), cell(now), html`<bdi>${expected}</bdi>`]),
    )}
  </div>`;
}
