/** A curve the size of a word's line, where its course is all that matters; its ends are written beside it. */
import { html, nothing, svg } from "lit";
import type { TemplateResult } from "lit";

const WIDTH = 240;
const HEIGHT = 56;
const INSET = 4;

export interface SparkView {
  /** One sentence: the accessible name. */
  name: string;
  x: readonly number[];
  y: readonly number[];
  /** Where the curve will end. */
  until: number;
  text: (value: number) => string;
}

export function spark({ name, x, y, until, text }: SparkView): TemplateResult {
  const low = Math.min(...y);
  const span = Math.max(...y) - low || 1;
  const points = y.map((value, i) => [INSET + (x[i]! / Math.max(until, 1)) * (WIDTH - 2 * INSET), INSET + (1 - (value - low) / span) * (HEIGHT - 2 * INSET)] as const);
  const end = points.at(-1);
  return html`<div class="spark">
    ${y.length > 1 ? html`<span class="value">${text(y[0]!)}</span>` : nothing}
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label=${name} preserveAspectRatio="none">
      ${svg`<line x1="0" x2=${WIDTH} y1=${HEIGHT - 1} y2=${HEIGHT - 1} class="axis"></line>
        <polyline points=${points.map((point) => point.map((n) => n.toFixed(1)).join(",")).join(" ")} vector-effect="non-scaling-stroke"></polyline>`}
    </svg>
    ${end ? html`<b class="value">${text(y.at(-1)!)}</b>` : nothing}
  </div>`;
}
