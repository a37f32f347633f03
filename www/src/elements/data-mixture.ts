/**
 * `<pretune-data-mixture>`: the reader mixes what a model reads, and sees what becomes of it. What happens is in
 * `src/widgets/data_mixture/`.
 */
import { html, nothing, unsafeCSS } from "lit";
import type { TemplateResult } from "lit";
import { beforeNow } from "../components/before-now";
import { Chart } from "../components/chart";
import { select, slider } from "../components/field";
import { Live } from "../components/live";
import { Panels } from "../components/panel";
import { Pace, progress } from "../components/progress";
import { readout } from "../components/readout";
import { Same } from "../components/same";
import { Setup } from "../components/setup";
import { table } from "../components/table";
import { PretuneElement } from "../element";
import type { Command, Frame } from "../frames/data-mixture";
import { store } from "../store";
import ownStyles from "../styles/data-mixture.css";
import { figure } from "../styles/index";
import type { Settings } from "../url-state";

const TAG = "pretune-data-mixture";
/** How long a thumb rests before the core hears of it. */
const REST_MS = 250;

/**
 * Mixes five sources in any proportion, trains a model on them in seconds, and shows what it says, knows and is bad at, beside
 * the model of the mixture before.
 *
 * @tag pretune-data-mixture
 * @slot - What stands here without JavaScript, and whenever the figure cannot run.
 *
 * @attr {string} mix - How much of crawl, links, books, encyclopedia and French: five numbers from 0 to 100.
 * @attr {string} steps - Steps of a run.
 * @attr {string} seed - Decides texts and weights; the same seed gives the same bits everywhere.
 * @attr {boolean} autoplay - Trains as soon as it is near, unless the reader prefers reduced motion.
 * @attr {string} hide - Parts to leave out: lead, train, start-over, presets, plate, losses, said, knows, meaning, settings.
 * @attr {"lazy"|"eager"|"manual"} loading - When the runtime starts: near the viewport, at once, or on request.
 * @attr {"auto"|"light"|"dark"} theme - `auto` follows the page's `color-scheme`.
 *
 * @fires pretune-ready - The figure can be used.
 * @fires pretune-step - At most ten times a second while it trains: `{step, steps, loss}`.
 * @fires pretune-complete - The mixture is learned: `{step, steps, loss, fingerprint, runs}`.
 * @fires pretune-error - `{code, message, action}`.
 * @fires pretune-xapi - A complete xAPI statement.
 *
 * @csspart figure - The whole.
 * @csspart question - Its heading.
 * @csspart controls - The row of buttons.
 * @csspart button - Every button; `primary` the first.
 * @csspart stage - Plate, chart, what it says and what it knows.
 * @csspart chart - A chart with its table.
 * @csspart readout - The numbers.
 * @csspart sentence - What you just saw, in one sentence.
 * @csspart panel - A part that opens; `summary` its title.
 * @csspart field - A labelled control.
 * @csspart table - Every table.
 * @csspart note - Something unusual.
 */
export class DataMixture extends PretuneElement<Frame> {
  static override tag = TAG;
  static override styles = [...figure, unsafeCSS(ownStyles)];

  protected override readsModel = false;

  #live = new Live(this);
  #panels = new Panels(this);
  #chart = new Chart(this, TAG, "losses");
  #same = new Same<object>();
  #pace = new Pace();
  #setup = new Setup(this, (attributes) => this.#configure(attributes));
  /** Helpings that the core has not heard of. */
  #draft: number[] | null = null;
  #rest: ReturnType<typeof setTimeout> | undefined;
  #start = 0;

  protected override result(frame: Frame): Record<string, unknown> {
    return { ...super.result(frame), runs: frame.runs };
  }

  /** What is on the plate does not make it another figure, so the runs that were kept stay. */
  protected override get coreAttributes(): Settings {
    const { mix: _, ...others } = super.coreAttributes;
    const authored = this.getAttribute("mix");
    return authored === null ? others : { ...others, mix: authored };
  }

  protected override async opened(): Promise<void> {
    const { mix } = this.settings;
    if (mix !== undefined) await this.attempt(async () => this.session?.command<Command>({ type: "mix", mix }));
  }

  /** Another mixture is there to be trained, unless it is empty. */
  protected override isOver(frame: Frame): boolean {
    return this.#draft === null ? super.isOver(frame) : this.#draft.every((helping) => helping === 0);
  }

  protected override received(frame: Frame): void {
    this.#pace.add(frame.step, 0, this.status === "training");
    if (this.#draft?.join() === frame.mix.join()) this.#draft = null;
    if (frame.fingerprint) this.#live.say(frame.summary);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#rest);
  }

  async #configure(attributes: Settings): Promise<void> {
    await this.pause();
    await this.command<Command>({ type: "configure", attributes: { ...this.frame?.config, ...attributes } }, true);
    this.changeSettings(attributes);
    this.#pace = new Pace();
  }

  #pour(mix: number[]): void {
    this.#draft = mix;
    this.requestUpdate();
    clearTimeout(this.#rest);
    if (mix.some((helping) => helping > 0)) this.#rest = setTimeout(() => void this.#take(mix), REST_MS);
  }

  async #take(helpings: number[]): Promise<void> {
    clearTimeout(this.#rest);
    const mix = helpings.join(" ");
    this.changeSettings({ mix });
    await this.attempt(() => this.command<Command>({ type: "mix", mix }, true));
  }

  /** A mixture that the core has not heard of is told first. */
  async #train(): Promise<void> {
    if (this.#draft) await this.#take(this.#draft);
    if (!this.notice) await this.start();
  }

  protected override renderFigure(frame: Frame): TemplateResult {
    const { strings, format } = this;
    const words = strings.dataMixture;
    const training = this.status === "training";
    const mix = this.#draft ?? frame.mix;
    const total = mix.reduce((sum, helping) => sum + helping, 0);
    const notes = [this.notice, total === 0 ? words.empty : "", store.persistent ? "" : strings.notSaved];
    const part = (name: string, content: () => TemplateResult) => (this.hides(name) ? nothing : content());
    const panel = (name: "meaning" | "settings", content: () => TemplateResult) => part(name, () => this.#panels.render(name, words[name].title, words[name].hint, content));
    return html`<section class="figure" part="figure" lang=${strings.lang} dir=${strings.dir} aria-labelledby="question">
      <header>
        <h3 class="question" part="question" id="question">${words.question}</h3>
        ${part("lead", () => html`<p class="lead">${words.lead}</p>`)}
      </header>
      <div class="controls" part="controls">
        ${part("train", () => this.trainButton(this.isOver(frame) && total > 0 && this.status !== "resting" ? words.trained : words.train, () => this.#train()))}
        ${part("start-over", () => html`<button part="button" title=${words.startOverHint} @click=${() => this.reset()}>${strings.startOver}</button>`)}
        ${progress({ step: frame.step, steps: frame.steps, left: frame.steps - frame.step, training, pace: this.#pace, strings, format })}
      </div>
      <div class="stage" part="stage">
        <div class="part">${part("presets", () => this.#renderPresets(mix))} ${part("plate", () => this.#renderPlate(mix, total))}</div>
        ${part("losses", () => this.#renderLosses(frame))} ${part("said", () => this.#renderSaid(frame))} ${part("knows", () => this.#renderKnows(frame))}
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

  #renderPresets(mix: number[]): TemplateResult {
    const words = this.strings.dataMixture;
    return html`<div class="presets" role="group" aria-label=${words.presets}>
      ${words.preset.map(([name, text]) => html`<button part="button" aria-pressed=${mix.join(" ") === text} @click=${() => this.#pour(text.split(" ").map(Number))}>${name}</button>`)}
    </div>`;
  }

  #renderPlate(mix: number[], total: number): TemplateResult {
    const words = this.strings.dataMixture;
    return html`<div class="plate">
      ${mix.map((helping, i) => {
        const text = words.share(this.format.share(total > 0 ? helping / total : 0));
        const pour = (value: number) => this.#pour(mix.map((other, j) => (j === i ? value : other)));
        return slider({ label: words.voices[i] ?? "", hint: words.hints[i] ?? "", min: 0, max: 100, step: 1, value: helping, text, onchange: pour });
      })}
    </div>`;
  }

  #renderLosses({ runs, floors }: Frame): TemplateResult {
    const { strings, format } = this;
    const words = strings.dataMixture;
    const last = runs.findLast(({ done }) => done);
    const over = floors.map((floor, i) => (last?.losses[i] ?? floor) - floor);
    const name = words.chart.name(words.voices[over.indexOf(Math.max(...over))] ?? "");
    const cell = (run: Run | undefined, i: number) => (run?.done ? [format.share(run.shares[i]!), format.loss(run.losses[i]!)] : [words.none, words.none]);
    const rows = words.voices.map((voice, i) => {
      const [before, now] = [cell(runs[0], i), cell(runs[1], i)];
      return [voice, before[0]!, now[0]!, before[1]!, now[1]!, format.loss(floors[i]!)];
    });
    return this.#chart.render({
      frame: this.#same.of({ floors, runs: runs.map(({ done, losses }) => ({ done, losses })) }),
      strings,
      name,
      title: words.chart.title,
      hint: words.chart.hint,
      table: () => table(name, words.chart.columns, rows),
    });
  }

  #renderSaid({ runs, starts }: Frame): TemplateResult {
    const words = this.strings.dataMixture;
    const { said } = words;
    const names = starts.map((start, i) => (i === 0 ? said.nothing : `${start.trim()} … (${words.voices[i - 1]})`));
    const choose = (start: number) => {
      this.#start = start;
      this.requestUpdate();
    };
    return html`<div class="part">
      <p class="heading">${said.title} <span class="hint">${said.hint}</span></p>
      ${select({ label: said.start, value: this.#start, count: starts.length, names, onchange: choose })}
      <dl class="said">
        ${runs.map((run, i) => html`<div class=${i === 1 ? "now" : "before"}><dt>${said.runs[i]}</dt><dd><bdi>${run.said[this.#start] || words.none}</bdi></dd></div>`)}
      </dl>
    </div>`;
  }

  #renderKnows({ runs, facts }: Frame): TemplateResult {
    const { format } = this;
    const { knows: words, none } = this.strings.dataMixture;
    const of = (run: Run | undefined, i: number) => (run?.done ? words.of(format.integer(run.knows[i]!.right), format.integer(run.knows[i]!.n)) : none);
    const rows = facts.map(({ question, expected, said }) => ({ question: `${question} …`, note: "", before: said[0] ?? null, now: said[1] ?? null, expected }));
    return html`<div class="part">
      <p class="heading">${words.title}</p>
      ${readout(words.names.map((name, i) => [name, of(runs[1], i), words.before(of(runs[0], i))] as const))}
      ${beforeNow({ caption: words.title, columns: words.columns, rows, none, words, format })}
    </div>`;
  }
}

type Run = Frame["runs"][number];

declare global {
  interface HTMLElementTagNameMap {
    [TAG]: DataMixture;
  }
}
