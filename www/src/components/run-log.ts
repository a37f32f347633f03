/** A log of runs: what each was set to and what came of it. What differs from the run before is marked. */
import { html } from "lit";
import type { TemplateResult } from "lit";
import { table } from "./table";

export interface LogView<R> {
  caption: string;
  columns: readonly string[];
  runs: readonly R[];
  /** A run's number, then what it was set to. */
  settings: (run: R) => readonly string[];
  results: (run: R) => readonly (string | TemplateResult)[];
}

export function runLog<R>({ caption, columns, runs, settings, results }: LogView<R>): TemplateResult {
  const rows = runs.map((run, i) => {
    const [number, ...set] = settings(run);
    const previous = runs[i - 1];
    const before = previous === undefined ? null : settings(previous).slice(1);
    return [number ?? "", ...set.map((value, j) => (before && before[j] !== value ? html`<b class="changed">${value}</b>` : value)), ...results(run)];
  });
  return html`<div class="run-log">${table(caption, columns, rows)}</div>`;
}
