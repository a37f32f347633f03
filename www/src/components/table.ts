/** The numbers behind a chart, as a table that says the same. */
import { html } from "lit";
import type { TemplateResult } from "lit";

type Cell = string | TemplateResult;

export function table(caption: string, columns: readonly Cell[], rows: readonly (readonly Cell[])[]): TemplateResult {
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${caption}>
    <table part="table">
      <caption class="unseen">${caption}</caption>
      <thead>
        <tr>${columns.map((cell) => html`<th scope="col">${cell}</th>`)}</tr>
      </thead>
      <tbody>
        ${rows.map((row) => html`<tr>${row.map((cell, i) => (i === 0 ? html`<th scope="row">${cell}</th>` : html`<td>${cell}</td>`))}</tr>`)}
      </tbody>
    </table>
  </div>`;
}
