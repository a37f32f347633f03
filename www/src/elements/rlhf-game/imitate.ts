/** Round 1: what is shown to the model, and how it takes it in. */
import { html, nothing } from "lit";
import type { TemplateResult } from "lit";
import type { Chart } from "../../components/chart";
import type { Same } from "../../components/same";
import { table } from "../../components/table";
import { terms } from "../../components/terms";
import { beforeNowHeading, renderBeforeNow, requestOf, sentences } from "./answers";
import type { View } from "./view";

/** Demonstrations on screen. */
const N_SHOWN = 3;

export interface ImitateParts {
  loss: Chart;
  same: Same<Record<string, unknown>>;
  hides: (part: string) => boolean;
  onnamed: () => void;
}

export function renderImitate(view: View, { loss, same, hides, onnamed }: ImitateParts): TemplateResult {
  const { frame, strings, format, named } = view;
  const words = strings.rlhfGame.imitate;
  const { demonstrations, n_demonstrations, curve, step } = frame.imitation;
  const name = words.lossName(format.integer(step), format.loss(curve.loss.at(-1) ?? null));
  return html`<div class="stage" part="stage">
    ${hides("demonstrations") ? nothing : html`<div class="part">
      <p class="heading">${words.demonstrations} <span class="hint">${words.demonstrationsHint(format.integer(n_demonstrations))}</span></p>
      <ul class="demonstrations">
        ${demonstrations.slice(0, N_SHOWN).map(
          (one) => html`<li><span class="asked">${requestOf(one)}</span> <bdi class="said">${sentences(one.answer, named, strings)}</bdi></li>`,
        )}
      </ul>
    </div>`}
    <div class="part">
      ${curve.loss.length === 0
        ? html`<p class="heading">${words.loss}</p>
            <p class="hint waiting-line">${words.lossWaiting}</p>`
        : loss.render({
            frame: same.of({ imitation: { ...frame.imitation, step: 0, demonstrations: [] } }),
            strings,
            name,
            title: words.loss,
            hint: words.lossHint,
            table: () => table(name, words.lossColumns, curve.steps.map((at, i) => [format.integer(at), format.loss(curve.loss[i] ?? null)])),
          })}
      ${terms(strings.rlhfGame.terms.title, strings.rlhfGame.terms.words["imitate"] ?? {})}
    </div>
    ${hides("answers") || frame.answers.length === 0 || frame.phase === "optimize"
      ? nothing
      : html`<div class="wide part">
          ${beforeNowHeading(view, onnamed)}
          ${renderBeforeNow(view, "imitate", frame.answers)}
        </div>`}
  </div>`;
}
