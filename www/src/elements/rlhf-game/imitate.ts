/** Round 1: what is shown to the model, and how it takes it in. */
import { html, nothing } from "lit";
import type { TemplateResult } from "lit";
import { spark } from "../../components/spark";
import { table } from "../../components/table";
import { terms } from "../../components/terms";
import { beforeNowHeading, renderBeforeNow, requestOf, sentences } from "./answers";
import type { View } from "./view";

/** Demonstrations on screen. */
const N_SHOWN = 3;

export function renderImitate(view: View, hides: (part: string) => boolean, onnamed: () => void): TemplateResult {
  const { frame, strings, format, named } = view;
  const words = strings.rlhfGame.imitate;
  const { demonstrations, n_demonstrations, curve, step, steps } = frame.imitation;
  const name = words.lossName(format.integer(step), format.loss(curve.loss.at(-1) ?? null));
  return html`<div class="stage" part="stage">
    <div class="part">
      <p class="heading">${words.demonstrations} <span class="hint">${words.demonstrationsHint(format.integer(n_demonstrations))}</span></p>
      <ul class="demonstrations">
        ${demonstrations.slice(0, N_SHOWN).map(
          (one) => html`<li><span class="asked">${requestOf(one)}</span> <bdi class="said">${sentences(one.answer, named, strings)}</bdi></li>`,
        )}
      </ul>
    </div>
    <div class="part">
      <p class="heading">${words.loss} <span class="hint">${words.lossHint}</span></p>
      ${curve.loss.length === 0
        ? html`<p class="hint waiting-line">${words.lossWaiting}</p>`
        : html`${spark({ name, x: curve.steps, y: curve.loss, until: steps, text: (value) => format.loss(value) })}
            <details class="data">
              <summary>${strings.showData}</summary>
              ${table(name, words.lossColumns, curve.steps.map((at, i) => [format.integer(at), format.loss(curve.loss[i] ?? null)]))}
            </details>`}
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
