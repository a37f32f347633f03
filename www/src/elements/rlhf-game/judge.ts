/** Round 2: the pair, what the reward model made of the last pick, and what all picks have taught it. */
import { html, nothing } from "lit";
import type { TemplateResult } from "lit";
import type { Chart } from "../../components/chart";
import type { Same } from "../../components/same";
import { styled } from "../../components/styled";
import { table } from "../../components/table";
import { terms } from "../../components/terms";
import type { Choice, Judged, Pick as Picked } from "../../frames/rlhf-game";
import { namesToggle } from "./answers";
import type { Pair } from "./pair";
import { certainty, chance, whoOf } from "./view";
import type { View } from "./view";

/** Guesses that are told. */
const N_RECENT = 10;
/** Rewards up to this fill the track; larger ones widen the scale. */
const USUAL_REWARD = 3;

export interface JudgeParts {
  pair: Pair;
  values: Chart;
  same: Same<Record<string, unknown>>;
  /** The name of the rater who would go on. */
  rater: string;
  onrater: (name: string) => void;
  onsimulate: (n: number) => void;
  hides: (part: string) => boolean;
  onnamed: () => void;
}

export function renderJudge(view: View, parts: JudgeParts): TemplateResult {
  const { frame, strings } = view;
  const words = strings.rlhfGame;
  const toggle = namesToggle(view, parts.onnamed);
  return html`<div class="stage" part="stage">
    <div class="wide">${parts.pair.render(view, toggle)}</div>
    <div class="part">
      ${frame.judging?.last ? renderLast(frame.judging.last, view) : html`<p class="hint">${words.judge.lastNone}</p>`}
      ${renderTally(view)}
      ${terms(words.terms.title, words.terms.words["judge"] ?? {})}
    </div>
    <div class="part taught">${parts.hides("values") ? nothing : renderValues(view, parts)}</div>
    ${parts.hides("simulate") ? nothing : html`<div class="part">${renderSimulate(view, parts)}</div>`}
  </div>`;
}

/** One sentence of how sure the model was before it learned from the pick. */
export function guessOf({ choice, who, p_before, p_after }: Judged, { strings, format }: View): string {
  const words = strings.rlhfGame.judge;
  if (p_before === null) return choice === "tie" ? words.guess.tieNone : p_after === null ? "" : words.guess.none;
  const p = chance(p_before, format);
  if (choice === "tie") return words.guess.tie(p);
  return words.guess[who === "you" ? "yours" : "other"](words[certainty(p_before)], p);
}

function renderLast(last: Judged, view: View): TemplateResult {
  const { strings, format } = view;
  const words = strings.rlhfGame.judge;
  const { choice, who, before, after, p_after } = last;
  const whose = who === "you" ? "you" : "other";
  const scale = Math.max(USUAL_REWARD, ...[...(before ?? []), ...(after ?? [])].map(Math.abs));
  const bar = (side: Choice, i: 0 | 1) => {
    const old = before?.[i];
    const now = after?.[i];
    const share = (value: number) => ({ "--from": `${50 + (50 * Math.min(value, 0)) / scale}%`, "--wide": `${(50 * Math.abs(value)) / scale}%` });
    return html`<li class=${choice === side ? "chosen" : ""}>
      <span class="who">${words.answers[i]}${choice === side ? html` <b class="mark">✓ <small>${words.picked[whose]}</small></b>` : nothing}</span>
      <span class="track" aria-hidden="true">${old === undefined ? nothing : html`<i class="raw" ${styled(share(old))}></i>`}${now === undefined ? nothing : html`<i class="fill" ${styled(share(now))}></i>`}</span>
      <span class="value">${format.signed(now ?? old ?? null)}</span>
    </li>`;
  };
  return html`<p class="heading">${words.last[whose]}</p>
    <p class="guess">${guessOf(last, view)} ${choice === "tie" ? nothing : p_after === null ? words.guess.learning : words.guess.after(chance(p_after, format))}</p>
    ${before || after
      ? html`<ul class="scores" aria-label=${words.scores}>${bar("first", 0)}${bar("second", 1)}</ul>
          <p class="hint">${words.scoresHint}</p>`
      : nothing}`;
}

function renderTally({ frame, strings, format }: View): TemplateResult | typeof nothing {
  const { judging } = frame;
  const words = strings.rlhfGame.judge;
  if (!judging || judging.recent_guessed === 0) return nothing;
  const guesses = judging.picks.filter(({ p_before }) => p_before !== null).slice(-N_RECENT);
  const mark = judging.by_reader === judging.decided ? words.tallyYours : words.tally;
  return html`<div class="tally">
    <p>${mark(format.integer(judging.recent_right), format.integer(judging.recent_guessed))}</p>
    <p aria-hidden="true">${guesses.map((pick) => html`<span class=${isRight(pick) ? "yes" : "no"} title=${words.tallyMark[isRight(pick) ? "yes" : "no"]}>${isRight(pick) ? "✓" : "✗"}</span>`)}</p>
  </div>`;
}

function isRight({ p_before }: Picked): boolean {
  return (p_before ?? 0) > 0.5;
}

export function renderValues(view: View, { values, same }: Pick<JudgeParts, "values" | "same">): TemplateResult {
  const { frame, strings, format } = view;
  const words = strings.rlhfGame.judge.values;
  const { reward_model, judging } = frame;
  const whose = judging && judging.by_reader > 0 ? "you" : "other";
  if (!reward_model) return html`<p class="heading">${words.title.you}</p><p class="hint">${strings.rlhfGame.judge.lastNone}</p>`;
  const name = words.name(format.integer(reward_model.picks));
  const known = reward_model.traits.some(({ wants }) => wants !== null);
  return values.render({
    frame: same.of({ reward_model: { ...reward_model, step: 0, loss: null } }),
    strings,
    name,
    title: words.title[whose],
    hint: words.hint,
    table: () =>
      table(
        name,
        known ? [...words.columns, words.wants] : words.columns,
        reward_model.traits.map(({ trait, n, pays, wants }) => [
          trait,
          `${format.integer(n)} / ${format.integer(reward_model.n_answers)}`,
          pays === null ? words.few : format.signed(pays),
          ...(known ? [format.signed(wants)] : []),
        ]),
      ),
  });
}

/** Raters by name, then two at a time who want opposite things. */
export function ratersOf({ raters }: View["frame"], mixes: readonly string[]): string[] {
  const names = raters.map(({ name }) => name);
  return [...names, ...mixes.filter((mix) => mix.split("+").every((name) => names.includes(name)))];
}

function renderSimulate(view: View, { rater, onrater, onsimulate }: JudgeParts): TemplateResult {
  const { frame, strings, format } = view;
  const words = strings.rlhfGame.judge.simulate;
  const names = ratersOf(frame, strings.rlhfGame.judge.mixes);
  const wanted = rater.split("+").map((name) => frame.raters.find((one) => one.name === name)?.values ?? "");
  const title = (name: string) => (name.includes("+") ? words.inTurn(...(name.split("+") as [string, string])) : name);
  const left = frame.judging?.to_simulate ?? 0;
  const { judging } = frame;
  return html`<fieldset class="simulate">
    <legend><b>${words.title}</b></legend>
    <p class="hint">${words.hint}</p>
    <div class="row">
      <label class="field select" part="field">
        <span class="name">${words.rater}</span>
        <select @change=${(event: Event) => onrater((event.target as HTMLSelectElement).value)}>
          ${names.map((name) => html`<option value=${name} .selected=${name === rater}>${title(name)}</option>`)}
        </select>
      </label>
      ${[30, 200].map((n) => html`<button part="button" ?disabled=${!judging || left > 0} @click=${() => onsimulate(n)}>${words.more(format.integer(n))}</button>`)}
      ${left > 0 ? html`<span role="status">${words.running(format.integer(left))}</span>` : nothing}
    </div>
    <p class="wants">${wanted.map((sentence) => html`<q>${sentence}</q> `)}</p>
    <p class="hint">${judging?.whose ? words.known(judging.whose) : words.truth}</p>
  </fieldset>`;
}

/** All picks, the newest first: what can be exported. */
export function renderPicks({ frame, strings, format }: View): TemplateResult {
  const words = strings.rlhfGame.judge.picks;
  const picks = frame.judging?.picks ?? [];
  if (picks.length === 0) return html`<p class="hint">${words.none}</p>`;
  return html`<div class="picks">
    ${table(
      words.title,
      words.columns,
      picks.toReversed().map(({ number, first, second, choice, who, p_before }) => {
        const [better, worse] = choice === "second" ? [second, first] : [first, second];
        return [
          format.integer(number),
          html`<bdi>${better.trim()}</bdi>`,
          html`<bdi>${worse.trim()}</bdi>${choice === "tie" ? html` <small class="kind">${words.tie}</small>` : nothing}`,
          whoOf(who, strings),
          p_before === null ? "–" : chance(p_before, format),
        ];
      }),
    )}
  </div>`;
}
