/** Probabilities as bars, the same everywhere: a wash for what the model says, a solid bar for what sampling leaves of it. */
import { html, nothing } from "lit";
import type { TemplateResult } from "lit";
import { classMap } from "lit/directives/class-map.js";
import { styleMap } from "lit/directives/style-map.js";
import type { Format } from "../format";
import type { Token } from "../frames/frame";
import type { Strings } from "../strings";
import { spoken, visible } from "./chips";

export interface Bar extends Token {
  /** What the model says. */
  p: number;
  /** What remains after temperature and cuts. */
  sampled: number;
  /** Why it can no longer be drawn. */
  removed: string | null;
}

export interface BarsOptions {
  strings: Strings;
  format: Format;
  label: string;
  onpick: (bar: Bar) => void;
}

/** Rows are told apart by place, so that focus stays where it is while the tokens under it change. */
export function bars(rows: readonly Bar[], { strings, format, label, onpick }: BarsOptions): TemplateResult {
  return html`<ol class="bars" part="bars" aria-label=${label}>
    ${rows.map((bar) => {
      const shown = bar.removed ? bar.p : bar.sampled;
      const name = strings.nextToken.append(spoken(bar, strings), format.percent(shown)) + (bar.removed ? `, ${bar.removed}` : "");
      return html`<li>
        <button class=${classMap({ bar: true, removed: bar.removed !== null })} part="bar" aria-label=${name} @click=${() => onpick(bar)}>
          <span class=${classMap({ chip: true, byte: bar.byte })}><bdi>${visible(bar)}</bdi></span>
          <span class="track" aria-hidden="true">
            <span class="raw" style=${styleMap(width(bar.p))}></span>
            <span class="fill" style=${styleMap(width(bar.removed ? 0 : bar.sampled))}></span>
            ${bar.removed ? html`<span class="why">${bar.removed}</span>` : nothing}
          </span>
          <span class="value" aria-hidden="true">${bar.removed ? html`<s>${format.percent(bar.p)}</s>` : format.percent(shown)}</span>
        </button>
      </li>`;
    })}
  </ol>`;
}

function width(fraction: number): Record<string, string> {
  return { "inline-size": `${(Math.min(Math.max(fraction, 0), 1) * 100).toFixed(2)}%` };
}
