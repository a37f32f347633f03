/**
 * `<pretune-objectives>`: what five objectives of pre-training make of one sentence, and what a small network learns from
 * each. What happens is in `src/widgets/objectives/`.
 */
import { html, nothing, unsafeCSS } from "lit";
import type { TemplateResult } from "lit";
import { ref } from "lit/directives/ref.js";
import { Chart } from "../components/chart";
import { select } from "../components/field";
import { Live } from "../components/live";
import { Panels } from "../components/panel";
import { Pace, progress } from "../components/progress";
import { Same } from "../components/same";
import { table } from "../components/table";
import { PretuneElement } from "../element";
import type { Command, Frame, Goal, GoalName, Pair, Piece } from "../frames/objectives";
import { store } from "../store";
import { figure } from "../styles/index";
import ownStyles from "../styles/objectives.css";
import type { Settings } from "../url-state";

const TAG = "pretune-objectives";
/** Pixels of a picture's side. */
const SIDE = 16;
/** Steps of a point of a curve. */
const POINT = 10;

/**
 * Makes five exercises of one sentence, trains a network on each, and has them fill in what the reader hides.
 *
 * @tag pretune-objectives
 * @slot - What stands here without JavaScript, and whenever the figure cannot run.
 *
 * @attr {"causal-lm"|"masked-lm"|"span-corruption"|"denoising"|"contrastive"} objective - The objective in hand at first, which is trained first.
 * @attr {string} steps - Steps of each run.
 * @attr {string} seed - Decides facts, sentences, pictures and weights; the same seed gives the same bits everywhere.
 * @attr {boolean} autoplay - Trains as soon as it is near, unless the reader prefers reduced motion.
 * @attr {string} hide - Parts to leave out: lead, train, start-over, goals, exercise, losses, results, meaning.
 * @attr {"lazy"|"eager"|"manual"} loading - When the runtime starts: near the viewport, at once, or on request.
 * @attr {"auto"|"light"|"dark"} theme - `auto` follows the page's `color-scheme`.
 *
 * @fires pretune-ready - The figure can be used.
 * @fires pretune-step - At most ten times a second while it trains: `{step, steps, loss}`.
 * @fires pretune-complete - All five are trained: `{step, steps, loss, fingerprint, goals}`.
 * @fires pretune-error - `{code, message, action}`.
 * @fires pretune-xapi - A complete xAPI statement.
 *
 * @csspart figure - The whole.
 * @csspart question - Its heading.
 * @csspart controls - The row of buttons.
 * @csspart button - Every button; `primary` the first.
 * @csspart stage - Objectives, exercise and chart.
 * @csspart chart - A chart with its table.
 * @csspart sentence - What you just saw, in one sentence.
 * @csspart panel - A part that opens; `summary` its title.
 * @csspart field - A labelled control.
 * @csspart table - Every table.
 * @csspart note - Something unusual.
 */
export class Objectives extends PretuneElement<Frame> {
  static override tag = TAG;
  static override styles = [...figure, unsafeCSS(ownStyles)];

  protected override readsModel = false;

  #live = new Live(this);
  #panels = new Panels(this);
  #chart = new Chart(this, TAG, "losses");
  #same = new Same<object>();
  #pace = new Pace();

  protected override result(frame: Frame): Record<string, unknown> {
    return { ...super.result(frame), goals: frame.goals.map(({ name, right, asked, swapped }) => ({ name, right, asked, swapped })) };
  }

  /** Which objective is in hand does not make it another figure: what is trained stays. */
  protected override get coreAttributes(): Settings {
    const { objective: _, ...others } = super.coreAttributes;
    const authored = this.getAttribute("objective");
    return authored === null ? others : { ...others, objective: authored };
  }

  protected override async opened(): Promise<void> {
    const { objective } = this.settings;
    if (objective !== undefined) await this.attempt(async () => this.session?.command<Command>({ type: "objective", objective: objective as GoalName }));
  }

  protected override received(frame: Frame): void {
    this.#pace.add(frame.step, 0, this.status === "training");
    if (frame.goals[frame.hand]?.done) this.#live.say(frame.summary);
  }

  #say(command: Command): void {
    if (command.type === "objective") this.changeSettings({ objective: command.objective });
    void this.attempt(() => this.command<Command>(command));
  }

  protected override renderFigure(frame: Frame): TemplateResult {
    const { strings, format } = this;
    const words = strings.objectives;
    const training = this.status === "training";
    const all = frame.fingerprint !== null;
    const next = frame.goals[frame.hand]?.done && !all ? words.others : words.train;
    const notes = [this.notice, store.persistent ? "" : strings.notSaved];
    const part = (name: string, content: () => TemplateResult) => (this.hides(name) ? nothing : content());
    return html`<section class="figure" part="figure" lang=${strings.lang} dir=${strings.dir} aria-labelledby="question">
      <header>
        <h3 class="question" part="question" id="question">${words.question}</h3>
        ${part("lead", () => html`<p class="lead">${words.lead}</p>`)}
      </header>
      <div class="controls" part="controls">
        ${part("train", () => this.trainButton(next))}
        ${part("start-over", () => html`<button part="button" title=${words.startOverHint} @click=${() => this.reset()}>${strings.startOver}</button>`)}
        ${progress({ step: frame.step, steps: frame.steps, left: frame.steps - frame.step, training, pace: this.#pace, strings, format })}
      </div>
      <div class="stage" part="stage">
        ${part("goals", () => this.#renderGoals(frame))}
        ${part("exercise", () => this.#renderExercise(frame))}
        <div>${part("losses", () => this.#renderLosses(frame))}</div>
      </div>
      <p class="sentence" part="sentence"><b>${strings.inOneSentence}</b>${frame.summary}</p>
      <p class="unseen" aria-live="polite">${this.#live.text}</p>
      ${notes.map((note) => (note ? html`<p class="note" part="note" role="status">${note}</p>` : nothing))}
      ${part("results", () => this.#renderResults(frame))}
      <div class="panels">${part("meaning", () => this.#panels.render("meaning", words.meaning.title, words.meaning.hint, () => html`<ul class="points">${words.meaning.points.map((point) => html`<li>${point}</li>`)}</ul>`))}</div>
    </section>`;
  }

  #renderGoals({ goals, hand, learning }: Frame): TemplateResult {
    const { format } = this;
    const words = this.strings.objectives;
    const training = this.status === "training";
    const how = ({ done, right, asked, step }: Goal, i: number) => (done && asked ? words.result(format.part((right ?? 0) / asked)) : step > 0 || (training && i === learning) ? words.step(format.integer(step)) : words.waiting);
    return html`<div class="wide">
      <p class="heading">${words.pick} <span class="hint">${words.pickHint}</span></p>
      <ul class="goals" aria-label=${words.pick}>
        ${goals.map((goal, i) => {
          const plain = goal.name === "contrastive";
          return html`<li>
            <button part="button" aria-pressed=${i === hand} @click=${() => this.#say({ type: "objective", objective: goal.name })}>
              <b>${words.goals[goal.name].name}</b>
              <span class="preview">${plain ? words.aPicture : this.#pieces(goal.input)} <span class="arrow">→</span> ${plain ? words.itsCaption : this.#pieces(goal.target)}</span>
              <span class="how">${how(goal, i)}</span>
            </button>
          </li>`;
        })}
      </ul>
    </div>`;
  }

  /** A text with its blanks. */
  #pieces(pieces: readonly (Piece & { right?: boolean })[]): TemplateResult {
    const words = this.strings.objectives;
    if (pieces.length === 0) return html`<span class="hint">${words.nothing}</span>`;
    const one = ({ text, kind, right }: Piece & { right?: boolean }) => {
      const wrong = right === false;
      const shown = kind === "word" ? html`<bdi>${text}</bdi>` : kind === "end" ? html`<small>${words.end}</small>` : html`<span aria-hidden="true">${kind === "gap" ? text : "\u00a0"}</span><span class="unseen">${kind === "gap" ? words.gap(text) : words.blank}</span>`;
      return html`<span class="piece ${kind} ${wrong ? "no" : ""}">${shown}${wrong ? html`<span class="unseen">, ${words.wrongWord}</span>` : nothing}</span>`;
    };
    return html`${pieces.map((piece, i) => html`${i > 0 && piece.text !== "." ? " " : nothing}${one(piece)}`)}`;
  }

  #renderExercise(frame: Frame): TemplateResult {
    const words = this.strings.objectives;
    const goal = frame.goals[frame.hand]!;
    const { name, rule } = words.goals[goal.name];
    return html`<div class="exercise">
      <p class="heading">${name}</p>
      <p class="rule">${rule}</p>
      ${goal.name === "contrastive" ? this.#renderPairs(frame.pairs) : this.#renderText(frame, goal)}
    </div>`;
  }

  #renderText({ words: text, sentences, sentence, said, exact, fits }: Frame, { input, target }: Goal): TemplateResult {
    const { format } = this;
    const words = this.strings.objectives;
    return html`${select({ label: words.sentence, value: sentence, count: sentences.length, names: sentences, onchange: (sentence) => this.#say({ type: "sentence", sentence }) })}
      <ol class="chips words" aria-label=${words.press}>
        ${text.map((word, i) => html`<li class="spaced"><button class="chip ${word.hidden ? "off" : ""}" part="chip" aria-pressed=${word.hidden} @click=${() => this.#say({ type: "press", word: i })}><bdi>${word.text}</bdi></button></li>`)}
      </ol>
      <dl class="both">
        <div><dt>${words.reads}</dt><dd>${this.#pieces(input)}</dd></div>
        <div><dt>${words.asked}</dt><dd>${this.#pieces(target)}</dd></div>
        <div><dt>${words.says}</dt><dd class="said">${said ? html`${this.#pieces(said)} <span class=${exact ? "yes" : "no"}>${exact ? "✓" : "✗"} ${exact ? words.exact : words.inexact}</span>` : html`<span class="hint">${words.untrained}</span>`}</dd></div>
      </dl>
      <p class="hint">${fits === null ? nothing : words.fits(format.integer(fits), fits === 1)} ${words.never}</p>`;
  }

  #renderPairs(pairs: readonly Pair[]): TemplateResult {
    const { format } = this;
    const words = this.strings.objectives;
    const paint = (canvas: Element | undefined, pixels: string) => {
      const context = (canvas as HTMLCanvasElement | undefined)?.getContext("2d");
      if (!context) return;
      const image = context.createImageData(SIDE, SIDE);
      for (let i = 0; i < SIDE * SIDE; i++) {
        for (let part = 0; part < 3; part++) image.data[4 * i + part] = parseInt(pixels.slice(6 * i + 2 * part, 6 * i + 2 * part + 2), 16);
        image.data[4 * i + 3] = 255;
      }
      context.putImageData(image, 0, 0);
    };
    return html`<p class="heading">${words.pictures} <button part="button" @click=${() => this.#say({ type: "pictures" })}>${words.other}</button></p>
      <ul class="pairs">
        ${pairs.map(
          ({ pixels, caption, found }) => html`<li>
            <canvas width=${SIDE} height=${SIDE} role="img" aria-label=${caption} ${ref((canvas) => paint(canvas, pixels))}></canvas>
            <dl>
              <div><dt>${words.shows}</dt><dd>${caption}</dd></div>
              <div><dt>${words.finds}</dt><dd>${found ? html`<span class=${found.right ? "yes" : "no"}><span aria-hidden="true">${found.right ? "✓" : "✗"}</span> ${found.caption}<span class="unseen">, ${found.right ? words.right : words.wrong}</span></span>` : html`<span class="hint">${words.untrained}</span>`}</dd></div>
            </dl>
            ${found ? html`<p class="hint">${words.cosines(format.loss(found.own), format.loss(found.other))}</p>` : nothing}
          </li>`,
        )}
      </ul>`;
  }

  #renderLosses({ goals, hand }: Frame): TemplateResult {
    const { strings, format } = this;
    const words = strings.objectives;
    const name = words.chart.name(format.integer(goals.filter(({ losses }) => losses.length > 0).length));
    const length = Math.max(...goals.map(({ losses }) => losses.length));
    return this.#chart.render({
      frame: this.#same.of({ hand, goals: goals.map(({ losses }) => ({ losses })) }),
      strings,
      name,
      title: words.chart.title,
      hint: words.chart.hint,
      table: () => table(name, [words.chart.step, ...goals.map((goal) => words.goals[goal.name].short)], Array.from({ length }, (_, i) => [format.integer((i + 1) * POINT), ...goals.map(({ losses }) => format.loss(losses[i] ?? null))])),
    });
  }

  #renderResults({ goals }: Frame): TemplateResult {
    const { format } = this;
    const { results: words, goals: names, waiting } = this.strings.objectives;
    const share = (right: number, all: number) => words.of(format.integer(right), format.integer(all), format.part(right / all));
    const rows = goals.flatMap(({ name, right, asked, swapped, losses }) => [
      [names[name].name, words.asked[name], right !== null && asked ? share(right, asked) : waiting, losses.length > 0 ? `${format.loss(losses[0]!)} → ${format.loss(losses.at(-1)!)}` : "–"],
      ...(swapped ? [["", words.swapped, share(...swapped), ""]] : []),
    ]);
    return html`<div class="answers results">
      <p class="heading">${words.title} <span class="hint">${words.hint}</span></p>
      ${table(words.title, words.columns, rows)}
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    [TAG]: Objectives;
  }
}
