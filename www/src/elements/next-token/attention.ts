/** "Where it looks": one head's attention over the sentence, as chips, as a picture and as a table. */
import { html, nothing } from "lit";
import type { TemplateResult } from "lit";
import type { Chart } from "../../components/chart";
import { chips, spoken, visible } from "../../components/chips";
import { select } from "../../components/field";
import { table } from "../../components/table";
import type { Format } from "../../format";
import type { Frame } from "../../frames/next-token";
import type { Strings } from "../../strings";

export interface AttentionView {
  frame: Frame;
  strings: Strings;
  format: Format;
  chart: Chart;
  /** The token whose row is shown. */
  selected: number;
  onselect: (place: number) => void;
  onhead: (layer: number, head: number) => void;
}

export function renderAttention({ frame, strings, format, chart, selected, onselect, onhead }: AttentionView): TemplateResult {
  const { layer, head, n_layer, n_head, weights } = frame.attention;
  const words = strings.nextToken.attention;
  const tokens = frame.attention.tokens.map((text, id) => ({ id, text, byte: false }));
  const at = Math.min(selected, tokens.length - 1);
  const token = tokens[at];
  return html`<p>${words.explain}</p>
    <div class="row">
      ${select({ label: words.layer, value: layer, count: n_layer, onchange: (value) => onhead(value, head) })}
      ${select({ label: words.head, value: head, count: n_head, onchange: (value) => onhead(layer, value) })}
    </div>
    ${token ? html`<p class="hint">${words.from(spoken(token, strings))}</p>` : nothing}
    ${chips(tokens, { strings, label: words.title, selected: at, onselect, weights: weights[at] ?? null })}
    ${chart.render({
      frame,
      strings,
      name: words.name(String(layer + 1), String(head + 1)),
      table: () =>
        table(
          words.name(String(layer + 1), String(head + 1)),
          [words.corner, ...tokens.map((to) => html`<bdi>${visible(to, strings)}</bdi>`)],
          tokens.map((from, i) => [html`<bdi>${visible(from, strings)}</bdi>`, ...tokens.map((_, j) => (j > i && !weights[i]?.[j] ? "" : format.decimal(weights[i]?.[j] ?? 0)))]),
        ),
    })}`;
}
