/**
 * `<pretune-memorization>`: what a model gives away of secrets in its text, and what is left of one that was to be forgotten.
 * What happens is in `src/widgets/memorization/`.
 */
import { html, nothing, unsafeCSS } from "lit";
import type { TemplateResult } from "lit";
import { Chart } from "../components/chart";
import { choice, select } from "../components/field";
import { Live } from "../components/live";
import { Panels } from "../components/panel";
import { Pace, progress } from "../components/progress";
import { Same } from "../components/same";
import { Setup } from "../components/setup";
import { table } from "../components/table";
import { PretuneElement } from "../element";
import type { Command, Frame, Keep } from "../frames/memorization";
import { store } from "../store";
import { figure } from "../styles/index";
import ownStyles from "../styles/memorization.css";
import type { Settings } from "../url-state";

const TAG = "pretune-memorization";
/** Models whose answers are shown: all read, unlearned, trained anew. */
const SHOWN = [0, 1, 3];

/**
 * Plants secrets in a text, asks a model for them, and makes it forget one in two ways.
 *
 * @tag pretune-memorization
 * @slot - What stands here without JavaScript, and whenever the figure cannot run.
 *
 * @attr {string} forget - Which of the five secrets with 64 copies is forgotten, from 1.
 * @attr {string} keep - `nothing`, or `others`: whether other codes are read on while one is unlearned.
 * @attr {string} steps - Steps of pre-training.
 * @attr {string} seed - Decides secrets, text and weights; the same seed gives the same bits everywhere.
 * @attr {boolean} autoplay - Trains as soon as it is near, unless the reader prefers reduced motion.
 * @attr {string} hide - Parts to leave out: lead, train, start-over, target, keep, exposure, said, results, meaning, settings.
 * @attr {"lazy"|"eager"|"manual"} loading - When the runtime starts: near the viewport, at once, or on request.
 * @attr {"auto"|"light"|"dark"} theme - `auto` follows the page's `color-scheme`.
 *
 * @fires pretune-ready - The figure can be used.
 * @fires pretune-step - At most ten times a second while it trains: `{step, steps, loss}`.
 * @fires pretune-complete - Everything is forgotten and learned again: `{step, steps, loss, fingerprint, levels, models}`.
 * @fires pretune-error - `{code, message, action}`.
 * @fires pretune-xapi - A complete xAPI statement.
 *
 * @csspart figure - The whole.
 * @csspart question - Its heading.
 * @csspart controls - The row of buttons.
 * @csspart button - Every button; `primary` the first.
 * @csspart stage - Controls, chart and answers.
 * @csspart chart - A chart with its table.
 * @csspart sentence - What you just saw, in one sentence.
 * @csspart panel - A part that opens; `summary` its title.
 * @csspart field - A labelled control.
 * @csspart table - Every table.
 * @csspart note - Something unusual.
 */
export class Memorization extends PretuneElement<Frame> {
  static override tag = TAG;
  static override styles = [...figure, unsafeCSS(ownStyles)];

  protected override readsModel = false;

  #live = new Live(this);
  #panels = new Panels(this);
  #chart = new Chart(this, TAG, "exposure");
  #same = new Same<object>();
  #pace = new Pace();
  #setup = new Setup(this, (attributes) => this.#configure(attributes));

  protected override result(frame: Frame): Record<string, unknown> {
    return { ...super.result(frame), levels: frame.levels, models: frame.models };
  }

  protected override received(frame: Frame): void {
    this.#pace.add(frame.step, 0, this.status === "training");
    if (frame.fingerprint) this.#live.say(frame.summary);
  }

  async #configure(attributes: Settings): Promise<void> {
    await this.pause();
    await this.command<Command>({ type: "configure", attributes: { ...this.coreAttributes, ...attributes } }, true);
    this.changeSettings(attributes);
    this.#pace = new Pace();
  }

  /** What the model has read stays; once it has, forgetting begins at once. */
  async #forget(secret: number, keep: Keep): Promise<void> {
    const read = this.frame?.models[0]?.done;
    this.changeSettings({ forget: String(secret), keep });
    await this.attempt(() => this.command<Command>({ type: "forget", secret, keep }, true));
    if (read && !this.notice) await this.start();
  }

  protected override renderFigure(frame: Frame): TemplateResult {
    const { strings, format } = this;
    const words = strings.memorization;
    const training = this.status === "training";
    const notes = [this.notice, store.persistent ? "" : strings.notSaved];
    const part = (name: string, content: () => TemplateResult) => (this.hides(name) ? nothing : content());
    const panel = (name: "meaning" | "settings", content: () => TemplateResult) => part(name, () => this.#panels.render(name, words[name].title, words[name].hint, content));
    return html`<section class="figure" part="figure" lang=${strings.lang} dir=${strings.dir} aria-labelledby="question">
      <header>
        <h3 class="question" part="question" id="question">${words.question}</h3>
        ${part("lead", () => html`<p class="lead">${words.lead}</p>`)}
      </header>
      <div class="controls" part="controls">
        ${part("train", () => this.trainButton(words.train))}
        ${part("start-over", () => html`<button part="button" title=${words.startOverHint} @click=${() => this.reset()}>${strings.startOver}</button>`)}
        ${progress({ step: frame.step, steps: frame.steps, left: frame.steps - frame.step, training, pace: this.#pace, strings, format })}
      </div>
      <div class="stage" part="stage">
        <div>${part("exposure", () => this.#renderExposure(frame))}</div>
        <div class="inputs">${part("said", () => this.#renderSaid(frame))}</div>
        <div class="inputs">${part("target", () => this.#renderTarget(frame))}</div>
        <div class="inputs">${part("keep", () => this.#renderKeep(frame))}</div>
        ${part("results", () => this.#renderResults(frame))}
      </div>
      <p class="sentence" part="sentence"><b>${strings.inOneSentence}</b>${frame.summary}</p>
      <p class="unseen" aria-live="polite">${this.#live.text}</p>
      ${notes.map((note) => (note ? html`<p class="note" part="note" role="status">${note}</p>` : nothing))}
      <div class="panels">
        ${panel("meaning", () => html`<ul class="points">${words.meaning.points.map((point) => html`<li>${point}</li>`)}</ul>`)}
        ${panel("settings", () => this.#setup.render({ config: frame.config, warnings: frame.warnings, words: words.settings }))}
      </div>
    </section>`;
  }

  #renderTarget({ targets, config }: Frame): TemplateResult {
    const value = Number(config["forget"]) - 1;
    return select({ label: this.strings.memorization.target, value, count: targets.length, names: targets, onchange: (i) => void this.#forget(i + 1, config["keep"] as Keep) });
  }

  #renderKeep({ config }: Frame): TemplateResult {
    const words = this.strings.memorization;
    const options = (["nothing", "others"] as const).map((value) => ({ value, label: words.keeps[value] ?? value }));
    return choice<Keep>({ label: words.keep, name: "keep", value: config["keep"] as Keep, options, onchange: (keep) => void this.#forget(Number(config["forget"]), keep) });
  }

  #renderExposure({ levels, models }: Frame): TemplateResult {
    const { strings, format } = this;
    const words = strings.memorization.chart;
    const bits = (value: number | null | undefined) => (value === null || value === undefined ? "–" : format.loss(value));
    const name = words.name(bits(levels[0]?.exposure), bits(levels.at(-1)?.exposure));
    return this.#chart.render({
      frame: this.#same.of({ levels: levels.map(({ exposure }) => ({ exposure })), models: models.map(({ target }) => ({ target: target && { exposure: target.exposure } })) }),
      strings,
      name,
      title: words.title,
      hint: words.hint,
      table: () => table(name, words.columns, levels.map(({ copies, n, exposure, extracted }) => [format.integer(copies), bits(exposure), extracted === null ? "–" : words.of(format.integer(extracted * n), format.integer(n))])),
    });
  }

  #renderSaid({ shown }: Frame): TemplateResult {
    const { format } = this;
    const { said: words, waiting } = this.strings.memorization;
    const cell = (said: string | null | undefined, code: string) => {
      if (said === null || said === undefined) return html`<span class="hint">${waiting}</span>`;
      const right = said === code;
      return html`<span class=${right ? "yes" : "no"}><span aria-hidden="true">${right ? "✓" : "✗"}</span> <bdi class=${/^[\d ]+$/.test(said) ? "code" : ""}>${said}</bdi><span class="unseen">, ${right ? words.right : words.wrong}</span></span>`;
    };
    const rows = shown.map(({ keeper, code, copies, said }) => [keeper, format.integer(copies), html`<span class="code">${code}</span>`, ...SHOWN.map((model) => cell(said[model], code))]);
    return html`<div class="said answers">
      <p class="heading">${words.title} <span class="hint">${words.hint}</span></p>
      ${table(words.title, words.columns, rows)}
    </div>`;
  }

  #renderResults({ models }: Frame): TemplateResult {
    const { format } = this;
    const { results: words, waiting } = this.strings.memorization;
    const rows = models.map(({ done, steps, target, neighbors, held_out }, i) => [
      words.models[i] ?? "",
      target ? (target.extracted ? words.yes : words.no) : waiting,
      target ? format.fine(target.probability) : waiting,
      target ? format.loss(target.exposure) : waiting,
      done ? format.integer(steps) : waiting,
      neighbors === null ? "–" : format.percent(neighbors),
      held_out === null ? "–" : format.rate(held_out),
    ]);
    return html`<div class="wide results">
      <p class="heading">${words.title}</p>
      ${table(words.title, words.columns, rows)}
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    [TAG]: Memorization;
  }
}
