/** "The same rank at the size of GPT-3": what the formula gives, beside what was published. */
import { html } from "lit";
import type { TemplateResult } from "lit";
import { table } from "../../components/table";
import type { View } from "./rank";

export function renderGpt3({ frame, strings, format }: View): TemplateResult {
  const words = strings.loraRank.gpt3;
  const { gpt3 } = frame;
  const { rank, label } = frame.runs[frame.hand]!;
  const share = (trained: number) => `${format.compact(trained)} (${format.fine(trained / gpt3.n_params)})`;
  const rows = [
    [words.trained, share(gpt3.n_params), share(gpt3.trained_qv)],
    [words.targets, "", share(gpt3.trained)],
    [words.file, format.bytes(2 * gpt3.n_params), format.bytes(gpt3.file_bytes)],
    [words.memory, format.bytes(gpt3.full_memory_bytes), format.bytes(gpt3.memory_bytes)],
    [words.memoryPublished, words.publishedFull, words.publishedLora],
    [words.wikisql, format.percent(gpt3.wikisql_full / 100), gpt3.wikisql === null ? words.none : format.percent(gpt3.wikisql / 100)],
    [words.quoted, words.quotedFull, words.quotedLora],
  ];
  // In hand is full fine-tuning: there is no rank to set beside it.
  const columns = rank === null ? words.columns : [...words.columns, words.lora(label)];
  const shown = rows.filter((row) => rank !== null || row[1] !== "");
  return html`<p>${words.explain}</p>
    <div class="gpt3">${table(words.title, columns, shown.map((row) => row.slice(0, columns.length)))}</div>
    <p>${words.formula}</p>
    <p class="hint">${words.sources}</p>`;
}
