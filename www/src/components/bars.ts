/** Probabilities as bars, the same everywhere: a wash for what the model says, a solid bar for what sampling leaves of it. */
import { html, nothing } from "lit";
import type { ReactiveControllerHost, TemplateResult } from "lit";
import { classMap } from "lit/directives/class-map.js";
import type { Format } from "../format";
import type { Token } from "../frames/frame";
import type { Strings } from "../strings";
import { spoken, visible } from "./chips";
import { styled } from "./styled";

export interface Bar extends Token {
  /** What the model says. */
  p: number;
  /** What remains after temperature and cuts. */
  sampled: number;
  /** Why it can no longer be drawn. */
  removed: string | null;
}

export interface BarsView {
  rows: readonly Bar[];
  strings: Strings;
  format: Format;
  label: string;
  onpick: (bar: Bar) => void;
}

export class Bars {
  #host: ReactiveControllerHost;
  /** The rows as they stood when the reader began to point at them: what is aimed at must not move away. */
  #held: readonly Bar[] | null = null;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
  }

  /** Rows are told apart by place, so that focus stays where it is while the tokens under it change. */
  render({ rows, strings, format, label, onpick }: BarsView): TemplateResult {
    const hold = () => (this.#held ??= rows);
    const release = () => {
      this.#held = null;
      this.#host.requestUpdate();
    };
    const pick = (bar: Bar) => {
      // Another sentence has other candidates.
      this.#held = null;
      onpick(bar);
    };
    const shown = this.#held ? inOrder(this.#held, rows) : rows;
    return html`<ol class="bars" part="bars" aria-label=${label} @pointerenter=${hold} @pointerleave=${release} @focusin=${hold} @focusout=${release}>
      ${shown.map((bar) => html`<li>${renderBar(bar, strings, format, pick)}</li>`)}
    </ol>`;
  }
}

function renderBar(bar: Bar, strings: Strings, format: Format, pick: (bar: Bar) => void): TemplateResult {
  const p = format.percent(bar.removed ? bar.p : bar.sampled);
  const name = strings.nextToken.append(spoken(bar, strings), p) + (bar.removed ? `, ${bar.removed}` : "");
  return html`<button class=${classMap({ bar: true, removed: bar.removed !== null })} part="bar" aria-label=${name} @click=${() => pick(bar)}>
    <span class=${classMap({ chip: true, byte: bar.byte })}><bdi>${visible(bar, strings)}</bdi></span>
    <span class="track" aria-hidden="true">
      <span class="raw" ${styled(width(bar.p))}></span>
      <span class="fill" ${styled(width(bar.removed ? 0 : bar.sampled))}></span>
      ${bar.removed ? html`<span class="why">${bar.removed}</span>` : nothing}
    </span>
    <span class="value" aria-hidden="true">${p}</span>
  </button>`;
}

/** The new values in the old order; a token that is no longer among the likeliest keeps its last value. */
export function inOrder(held: readonly Bar[], rows: readonly Bar[]): Bar[] {
  const now = new Map(rows.map((bar) => [bar.id, bar]));
  return held.map((bar) => now.get(bar.id) ?? bar);
}

function width(fraction: number): Record<string, string> {
  return { "inline-size": `${(Math.min(Math.max(fraction, 0), 1) * 100).toFixed(2)}%` };
}
