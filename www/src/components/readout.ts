/** The numbers of a figure. Each comes with what it is to be compared with. */
import { html } from "lit";
import type { TemplateResult } from "lit";

export type ReadoutCell = readonly [name: string, value: string, comparison: string];

export function readout(cells: readonly ReadoutCell[]): TemplateResult {
  return html`<dl class="readout" part="readout">
    ${cells.map(([name, value, comparison]) => html`<div><dt>${name}</dt><dd>${value} <small>${comparison}</small></dd></div>`)}
  </dl>`;
}
