/** "Merge it, or swap it": adapters put on one base in turn, and added into its weights and taken out again. */
import { html, nothing } from "lit";
import type { TemplateResult } from "lit";
import { answer } from "../../components/before-now";
import { choice } from "../../components/field";
import { table } from "../../components/table";
import type { Format } from "../../format";
import type { Adapter, Frame } from "../../frames/lora-rank";
import type { Strings } from "../../strings";

export interface DeskView {
  frame: Frame;
  strings: Strings;
  format: Format;
  onadapter: (adapter: Adapter) => void;
  onmerge: (merged: boolean) => void;
}

/** Digits of a fingerprint that are enough to tell two apart. */
const N_DIGITS = 16;

export function renderDesk({ frame, strings, format, onadapter, onmerge }: DeskView): TemplateResult {
  const words = strings.loraRank.desk;
  const { desk } = frame;
  if (!desk) return html`<p>${words.explain}</p><p class="hint">${words.waiting}</p>`;
  const { adapter, merged, questions, found } = desk;
  const { tried } = found;
  const label = (name: Adapter, r: number) => (name === "none" ? words.adapters.none : words.withRank(words.adapters[name], format.integer(r)));
  const isOn = tried.some((one) => one.adapter === adapter);
  const prints = (["fingerprint", "swapped", "merged", "unmerged"] as const).filter((when) => found[when] !== null);
  return html`<p>${words.explain}</p>
    ${choice<Adapter>({
      label: words.choose,
      name: "adapter",
      value: isOn ? adapter : "none",
      options: tried.map((one) => ({ value: one.adapter, label: label(one.adapter, one.r) })),
      onchange: onadapter,
    })}
    <div class="answers">
      ${table(
        words.choose,
        [words.question, ...tried.map((one) => html`<span class=${one.adapter === adapter ? "on" : ""}>${label(one.adapter, one.r)}</span>`)],
        questions.map(({ prompt }, i) => [html`<bdi>${prompt}</bdi>`, ...tried.map((one) => answer(one.answers[i]!, strings.loraRank.answers, format))]),
      )}
    </div>
    ${found.difference === null
      ? nothing
      : html`<div class="row">
            <button part="button" aria-pressed=${merged} @click=${() => onmerge(!merged)}>${merged ? words.unmerge : words.merge}</button>
            <span role="status">${merged ? words.merged : words.beside}</span>
          </div>
          <p>${words.difference(format.small(found.difference))}</p>`}
    <p class="heading">${words.fingerprint}</p>
    ${table(
      words.fingerprint,
      words.columns,
      prints.map((when) => {
        const print = found[when] ?? "";
        return [words.rows[when], html`<code title=${print}>${print.slice(0, N_DIGITS)}…</code>`, when === "fingerprint" ? "" : print === found.fingerprint ? words.same : words.other];
      }),
    )}`;
}
