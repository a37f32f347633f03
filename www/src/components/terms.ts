/** Terms of art with a sentence each, on demand. */
import { html } from "lit";
import type { TemplateResult } from "lit";

export function terms(title: string, words: Readonly<Record<string, string>>): TemplateResult {
  return html`<details class="more">
    <summary>${title}</summary>
    <dl class="meanings">${Object.entries(words).map(([term, meaning]) => html`<div><dt>${term}</dt><dd>${meaning}</dd></div>`)}</dl>
  </details>`;
}
