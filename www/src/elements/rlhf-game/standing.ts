/** "Whose values were these?": the models of several groups, each measured by each group's own wishes. */
import { html, nothing } from "lit";
import type { TemplateResult } from "lit";
import { table } from "../../components/table";
import type { Standing } from "../../frames/rlhf-game";
import { answerWithReward, requestOf } from "./answers";
import { whoOf } from "./view";
import type { View } from "./view";

/** Traits that are told of each model. */
const N_TRAITS = 3;
/** Requests whose answers are compared. */
const N_ANSWERS = 3;
/** Payments below this, in standard deviations, are none. */
const SOME = 0.1;

export interface StandingActions {
  /** The group that would be asked next. */
  group: string;
  ongroup: (rater: string) => void;
  ontrain: () => void;
}

/** Groups whose model is not here yet. */
export function groupsLeft({ raters, standing }: View["frame"]): string[] {
  const here = standing?.models.map(({ who }) => who) ?? [];
  return raters.filter(({ name, single }) => !single && !here.includes(name)).map(({ name }) => name);
}

export function renderStanding(view: View, { group, ongroup, ontrain }: StandingActions): TemplateResult {
  const { frame, strings, format, training } = view;
  const words = strings.rlhfGame.standing;
  const { standing, optimizing } = frame;
  const left = groupsLeft(frame);
  const { other } = optimizing;
  return html`<section class="standing">
    <h4 class="heading">${words.title}</h4>
    <p>${words.explain}</p>
    ${left.length === 0
      ? nothing
      : html`<div class="row">
            <label class="field select" part="field">
              <span class="name">${words.group}</span>
              <select @change=${(event: Event) => ongroup((event.target as HTMLSelectElement).value)}>
                ${left.map((name) => html`<option value=${name} .selected=${name === group}>${name}</option>`)}
              </select>
            </label>
            <button part="button" ?disabled=${training || frame.phase !== "optimize" || frame.doing !== null} @click=${ontrain}>${words.train}</button>
            ${other ? html`<span role="status">${words.training(other.rater, format.integer(other.turn), format.integer(other.turns))}</span>` : nothing}
          </div>
          <p class="wants"><q>${frame.raters.find(({ name }) => name === group)?.values ?? ""}</q></p>`}
    ${standing ? renderTables(standing, view) : nothing}
  </section>`;
}

function renderTables({ models, groups }: Standing, view: View): TemplateResult {
  const { strings, format } = view;
  const words = strings.rlhfGame.standing;
  const title = (who: string) => (who.split("+").includes("you") ? words.modelOf.you : words.modelOf.other(whoOf(who, strings)));
  const heads = models.map(({ who, picks }) => html`${title(who)} <small>${words.picks(format.integer(picks))}</small>`);
  return html`<div class="gains">
      ${table(
        words.caption,
        [words.corner, ...heads],
        groups.map(({ rater, gains }) => {
          const best = Math.max(...gains);
          return [
            rater,
            ...gains.map((gain) => html`<span class=${gain < 0 ? "worse" : gain === best ? "best" : ""}>${format.signed(gain)}${gain < 0 ? html`<small> ${words.worse}</small>` : gain === best && gains.length > 1 ? html`<small> ${words.best}</small>` : nothing}</span>`),
          ];
        }),
      )}
    </div>
    <p class="hint">${words.caption} ${words.last}</p>
    ${models.length < 2 ? nothing : renderModels(models, heads, view)}
    <p class="point">${words.point}</p>`;
}

/** What each model pays for, and how it answers. */
function renderModels(models: Standing["models"], heads: TemplateResult[], view: View): TemplateResult {
  const { strings, format, frame } = view;
  const words = strings.rlhfGame.standing;
  const trait = ({ traits }: Standing["models"][number], sign: 1 | -1) => {
    const found = traits.filter(({ pays }) => sign * (pays ?? 0) > SOME).sort((a, b) => sign * (b.pays ?? 0) - sign * (a.pays ?? 0));
    return found.length === 0 ? words.nothing : html`${found.slice(0, N_TRAITS).map(({ trait, pays }) => html`<span class="trait">${trait} <small>${format.signed(pays)}</small></span> `)}`;
  };
  return html`<div class="answers model-answers">
    ${table(words.answers, ["", ...heads], [
      [words.pays, ...models.map((model) => trait(model, 1))],
      [words.charges, ...models.map((model) => trait(model, -1))],
      ...frame.answers.slice(0, N_ANSWERS).map((row, i) => [html`<bdi>${requestOf(row)}</bdi>`, ...models.map(({ answers }) => answerWithReward(answers[i] ?? null, view))]),
    ])}
  </div>`;
}
