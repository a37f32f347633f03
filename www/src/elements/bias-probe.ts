/**
 * `<pretune-bias-probe>`: a text with a skew of the reader's, a model that takes it over, and two repairs. What happens is
 * in `src/widgets/bias_probe/`.
 */
import { html, nothing, unsafeCSS } from "lit";
import type { TemplateResult } from "lit";
import { Chart } from "../components/chart";
import { choice, slider } from "../components/field";
import { Live } from "../components/live";
import { Panels } from "../components/panel";
import { Pace, progress } from "../components/progress";
import { readout } from "../components/readout";
import { Same } from "../components/same";
import { Setup } from "../components/setup";
import { table } from "../components/table";
import { PretuneElement } from "../element";
import type { Command, Frame, Model } from "../frames/bias-probe";
import { store } from "../store";
import { figure } from "../styles/index";
import ownStyles from "../styles/bias-probe.css";
import type { Settings } from "../url-state";

const TAG = "pretune-bias-probe";
const MODELS: readonly Model[] = ["biased", "targeted", "naive"];
/** The slider has come to rest: the text is written anew. */
const REST_MS = 300;

/**
 * Trains a model on a one-sided text, compares its odds with the text's, and repairs it in two ways.
 *
 * @tag pretune-bias-probe
 * @slot - What stands here without JavaScript, and whenever the figure cannot run.
 *
 * @attr {string} skew - Share of sentences about a profession that have its usual pronoun, from 0.5 to 0.99.
 * @attr {string} steps - Steps of pre-training.
 * @attr {string} seed - Decides the text and the weights; the same seed gives the same bits everywhere.
 * @attr {boolean} autoplay - Trains as soon as it is near, unless the reader prefers reduced motion.
 * @attr {string} hide - Parts to leave out: lead, train, start-over, skew, view, numbers, odds, people, act, settings.
 * @attr {"lazy"|"eager"|"manual"} loading - When the runtime starts: near the viewport, at once, or on request.
 * @attr {"auto"|"light"|"dark"} theme - `auto` follows the page's `color-scheme`.
 *
 * @fires pretune-ready - The figure can be used.
 * @fires pretune-step - At most ten times a second while it trains: `{step, steps, loss}`.
 * @fires pretune-complete - All three models are trained: `{step, steps, loss, fingerprint, models}`.
 * @fires pretune-error - `{code, message, action}`.
 * @fires pretune-xapi - A complete xAPI statement.
 *
 * @csspart figure - The whole.
 * @csspart question - Its heading.
 * @csspart controls - The row of buttons.
 * @csspart button - Every button; `primary` the first.
 * @csspart stage - Controls, numbers and chart.
 * @csspart chart - A chart with its table.
 * @csspart readout - The numbers.
 * @csspart sentence - What you just saw, in one sentence.
 * @csspart panel - A part that opens; `summary` its title.
 * @csspart field - A labelled control.
 * @csspart table - Every table.
 * @csspart note - Something unusual.
 */
export class BiasProbe extends PretuneElement<Frame> {
  static override tag = TAG;
  static override styles = [...figure, unsafeCSS(ownStyles)];

  protected override readsModel = false;

  #live = new Live(this);
  #panels = new Panels(this);
  #chart = new Chart(this, TAG, "odds");
  #same = new Same<object>();
  #pace = new Pace();
  #setup = new Setup(this, (attributes) => this.#configure(attributes));
  /** Where the thumb is, as long as it moves. */
  #skew: number | null = null;
  #rest: ReturnType<typeof setTimeout> | undefined;

  protected override result(frame: Frame): Record<string, unknown> {
    return { ...super.result(frame), models: frame.models };
  }

  protected override received(frame: Frame): void {
    this.#pace.add(frame.step, 0, this.status === "training");
    if (frame.fingerprint) this.#live.say(frame.summary);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#rest);
  }

  async #configure(attributes: Settings): Promise<void> {
    await this.pause();
    await this.command<Command>({ type: "configure", attributes: { ...this.coreAttributes, ...attributes } }, true);
    this.changeSettings(attributes);
    this.#pace = new Pace();
  }

  #skewed(skew: number): void {
    this.#skew = skew;
    this.requestUpdate();
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => void this.attempt(() => this.#configure({ skew: String(skew) })).then(() => (this.#skew = null)), REST_MS);
  }

  protected override renderFigure(frame: Frame): TemplateResult {
    const { strings, format } = this;
    const words = strings.biasProbe;
    const training = this.status === "training";
    const notes = [this.notice, store.persistent ? "" : strings.notSaved];
    const part = (name: string, content: () => TemplateResult) => (this.hides(name) ? nothing : content());
    const panel = (name: "act" | "people" | "settings", content: () => TemplateResult) => part(name, () => this.#panels.render(name, words[name].title, words[name].hint, content));
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
        <div class="inputs">${part("skew", () => this.#renderSkew(frame))} ${part("view", () => this.#renderView(frame))} ${part("numbers", () => this.#renderNumbers(frame))}</div>
        <div>${part("odds", () => this.#renderOdds(frame))}</div>
      </div>
      <p class="sentence" part="sentence"><b>${strings.inOneSentence}</b>${frame.summary}</p>
      <p class="unseen" aria-live="polite">${this.#live.text}</p>
      ${notes.map((note) => (note ? html`<p class="note" part="note" role="status">${note}</p>` : nothing))}
      <div class="panels">
        ${panel("act", () => this.#renderAct(frame))}
        ${panel("people", () => this.#renderPeople(frame))}
        ${panel("settings", () => this.#setup.render({ config: frame.config, warnings: frame.warnings, words: words.settings }))}
      </div>
    </section>`;
  }

  #renderSkew({ config }: Frame): TemplateResult {
    const words = this.strings.biasProbe;
    const skew = this.#skew ?? Number(config["skew"]);
    return slider({ label: words.skew, hint: words.skewHint, min: 0.5, max: 0.98, step: 0.02, value: skew, text: words.skewText(this.format.share(skew)), onchange: (value) => this.#skewed(Number(value.toFixed(2))) });
  }

  #renderView({ view, models }: Frame): TemplateResult {
    const words = this.strings.biasProbe;
    const options = MODELS.map((value, i) => ({ value, label: words.models[value] ?? value, hint: models[i] ? (words.modelHints[value] ?? "") : words.waiting }));
    return choice<Model>({ label: words.view, name: "view", value: view, options, onchange: (model) => void this.attempt(() => this.command<Command>({ type: "view", model }, this.status !== "training")) });
  }

  #renderNumbers({ view, models, text_gap }: Frame): TemplateResult {
    const { strings, format } = this;
    const { readout: words, meaning, meanings, waiting } = strings.biasProbe;
    const found = models[MODELS.indexOf(view)] ?? null;
    const value = (of: (found: NonNullable<typeof this.frame>["models"][number] & object) => string) => (found ? of(found) : "–");
    const odds = (gap: number) => format.rate(Math.exp(gap));
    return html`${readout([
        [words.gap, value(({ gap }) => words.toOne(odds(gap))), words.text(odds(text_gap))],
        [words.slope, value(({ slope }) => format.loss(slope)), found ? words.slopeNote : waiting],
        [words.removed, value(({ removed }) => format.share(removed)), words.removedNote],
        [words.names, value(({ certainty }) => format.percent(certainty)), words.namesNote(value(({ names_right }) => format.share(names_right)))],
      ])}
      <details class="more"><summary>${meaning}</summary><dl class="meanings">${Object.entries(meanings).map(([name, text]) => html`<div><dt>${name}</dt><dd>${text}</dd></div>`)}</dl></details>`;
  }

  #renderOdds({ view, professions, models }: Frame): TemplateResult {
    const { strings, format } = this;
    const words = strings.biasProbe.chart;
    const slope = models[MODELS.indexOf(view)]?.slope;
    const name = words.name(strings.biasProbe.models[view] ?? view, slope === undefined ? "–" : format.loss(slope));
    const number = (value: number | null) => (value === null ? "–" : format.loss(value));
    return this.#chart.render({
      frame: this.#same.of({ view, professions: professions.map(({ text, models }) => ({ text, models })), models: models.map((found) => found && { slope: found.slope }) }),
      strings,
      name,
      title: words.title,
      hint: words.hint,
      table: () => table(name, words.columns, professions.map(({ name, he, she, text, models }) => [name, format.integer(he), format.integer(she), number(text), ...models.map(number)])),
    });
  }

  #renderPeople({ names }: Frame): TemplateResult {
    const words = this.strings.biasProbe.people;
    return table(words.title, words.columns, names.map(({ name, pronoun, models }) => [name, pronoun, ...models.map((p) => (p === null ? "–" : this.format.percent(p)))]));
  }

  #renderAct({ models, text_gap }: Frame): TemplateResult {
    const { format } = this;
    const words = this.strings.biasProbe.act;
    const [biased, targeted, naive] = models;
    if (!biased?.done || !targeted?.done || !naive?.done) return html`<p class="hint">${words.waiting}</p>`;
    const odds = (gap: number) => format.rate(Math.exp(gap));
    const points = words.points({
      text: odds(text_gap),
      model: odds(biased.gap),
      removed: format.share(targeted.removed),
      naive: format.share(naive.removed),
      sure: format.share(targeted.certainty),
      naiveSure: format.share(naive.certainty),
    });
    return html`<ol class="act">${points.map((point) => html`<li>${point}</li>`)}</ol>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    [TAG]: BiasProbe;
  }
}
