/**
 * `<pretune-scaling>`: a ladder of model sizes, and the loss of the next one, foretold before it is trained. What happens is in
 * `src/widgets/scaling/`.
 */
import { html, nothing, unsafeCSS } from "lit";
import type { TemplateResult } from "lit";
import { Chart } from "../components/chart";
import { slider } from "../components/field";
import { Live } from "../components/live";
import { Panels } from "../components/panel";
import { Pace, progress } from "../components/progress";
import { readout } from "../components/readout";
import { Same } from "../components/same";
import { Setup } from "../components/setup";
import { table } from "../components/table";
import { PretuneElement } from "../element";
import type { Command, Frame, Rung } from "../frames/scaling";
import { store } from "../store";
import { figure } from "../styles/index";
import ownStyles from "../styles/scaling.css";
import type { Settings } from "../url-state";

const TAG = "pretune-scaling";
/** How long a thumb rests before the core hears of it. */
const REST_MS = 300;
/** Operations that count as one for the progress bar. */
const WORK = 1e8;

/**
 * Trains models of growing size, draws the straight line that their losses follow, and lets the reader foretell the next one.
 *
 * @tag pretune-scaling
 * @slot - What stands here without JavaScript, and whenever the figure cannot run.
 *
 * @attr {string} sizes - How many of the seven sizes are trained when a page, rather than the reader, starts it.
 * @attr {string} seed - Decides text and weights; the same seed gives the same bits everywhere.
 * @attr {boolean} autoplay - Trains as soon as it is near, unless the reader prefers reduced motion.
 * @attr {string} hide - Parts to leave out: lead, train, start-over, law, guess, numbers, sums, table, meaning, settings.
 * @attr {"lazy"|"eager"|"manual"} loading - When the runtime starts: near the viewport, at once, or on request.
 * @attr {"auto"|"light"|"dark"} theme - `auto` follows the page's `color-scheme`.
 *
 * @fires pretune-ready - The figure can be used.
 * @fires pretune-step - At most ten times a second while it trains: `{step, steps, loss}`.
 * @fires pretune-complete - The sizes that were wanted are trained: `{step, steps, loss, fingerprint, rungs}`.
 * @fires pretune-error - `{code, message, action}`.
 * @fires pretune-xapi - A complete xAPI statement.
 *
 * @csspart figure - The whole.
 * @csspart question - Its heading.
 * @csspart controls - The row of buttons.
 * @csspart button - Every button; `primary` the first.
 * @csspart stage - Charts, guess and table.
 * @csspart chart - A chart with its table.
 * @csspart readout - The numbers.
 * @csspart sentence - What you just saw, in one sentence.
 * @csspart panel - A part that opens; `summary` its title.
 * @csspart field - A labelled control.
 * @csspart table - Every table.
 * @csspart note - Something unusual.
 */
export class Scaling extends PretuneElement<Frame> {
  static override tag = TAG;
  static override styles = [...figure, unsafeCSS(ownStyles)];

  protected override readsModel = false;

  #live = new Live(this);
  #panels = new Panels(this);
  #law = new Chart(this, TAG, "law");
  #sums = new Chart(this, TAG, "sums");
  #sameLaw = new Same<object>();
  #sameSums = new Same<object>();
  #pace = new Pace();
  #setup = new Setup(this, (attributes) => this.#configure(attributes));
  /** The guess as long as the core has not heard of it. */
  #draft: number | null = null;
  #rest: ReturnType<typeof setTimeout> | undefined;

  protected override result(frame: Frame): Record<string, unknown> {
    return { ...super.result(frame), rungs: frame.rungs };
  }

  /** Beyond the sizes that were asked for there are larger ones. */
  protected override isOver(frame: Frame): boolean {
    return frame.trained === frame.rungs.length;
  }

  protected override received(frame: Frame): void {
    this.#pace.add(frame.work / WORK, 0, this.status === "training");
    if (frame.rungs[frame.trained]?.guess === this.#draft) this.#draft = null;
    if (frame.fingerprint && this.status === "training") this.#live.say(frame.summary);
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
    this.#draft = null;
  }

  /** Four sizes at first, then one at a time. */
  async #train({ trained, first, config }: Frame): Promise<void> {
    if (this.#draft !== null) await this.#tell(this.#draft);
    const sizes = Math.max(first, trained + 1);
    if (Number(config["sizes"]) !== sizes) await this.attempt(() => this.command<Command>({ type: "sizes", sizes }, true));
    if (!this.notice) await this.start();
  }

  #guess(loss: number): void {
    this.#draft = loss;
    this.requestUpdate();
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => void this.#tell(loss), REST_MS);
  }

  async #tell(loss: number): Promise<void> {
    clearTimeout(this.#rest);
    await this.attempt(() => this.command<Command>({ type: "guess", loss }, true));
  }

  protected override renderFigure(frame: Frame): TemplateResult {
    const { strings, format } = this;
    const words = strings.scaling;
    const training = this.status === "training";
    const next = frame.rungs[frame.trained];
    const resting = this.status === "resting";
    const label = resting ? words.train : !next ? words.all : frame.trained < frame.first ? words.train : words.next(format.integer(next.parameters));
    const left = (frame.works - frame.work) / WORK;
    const last = frame.rungs[frame.trained - 1];
    const larger = !resting && next && last && frame.trained >= frame.first && !training ? words.larger(format.integer(next.parameters), format.decimal(Math.round((10 * next.compute) / last.compute) / 10)) : "";
    const notes = [this.notice, store.persistent ? "" : strings.notSaved];
    const part = (name: string, content: () => TemplateResult) => (this.hides(name) ? nothing : content());
    const panel = (name: "meaning" | "settings", content: () => TemplateResult) => part(name, () => this.#panels.render(name, words[name].title, words[name].hint, content));
    return html`<section class="figure" part="figure" lang=${strings.lang} dir=${strings.dir} aria-labelledby="question">
      <header>
        <h3 class="question" part="question" id="question">${words.question}</h3>
        ${part("lead", () => html`<p class="lead">${words.lead}</p>`)}
      </header>
      <div class="controls" part="controls">
        ${part("train", () => this.trainButton(label, () => (resting ? this.start() : this.#train(frame))))}
        ${part("start-over", () => html`<button part="button" title=${words.startOverHint} @click=${() => this.reset()}>${strings.startOver}</button>`)}
        ${progress({ step: frame.step, steps: frame.steps, left, training, pace: this.#pace, strings, format })}
      </div>
      <div class="stage" part="stage">
        ${part("law", () => this.#renderLaw(frame))}
        <div class="part">
          ${part("guess", () => this.#renderGuess(frame, next, last))} ${part("numbers", () => this.#renderNumbers(frame))} ${part("sums", () => this.#renderSums(frame))}
          <p class="hint">${larger}</p>
        </div>
        ${part("table", () => this.#renderTable(frame))}
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

  /** Two digits would hide by how much a guess is off. */
  #three(loss: number): string {
    return loss.toLocaleString(this.language, { minimumFractionDigits: 3, maximumFractionDigits: 3 });
  }

  #renderLaw({ rungs, floor, law, trained }: Frame): TemplateResult {
    const { strings, format } = this;
    const words = strings.scaling.law;
    const name = words.name(format.integer(trained));
    const shown = rungs.map(({ compute, loss, guess }, i) => ({ compute, loss, guess: i === trained ? (this.#draft ?? guess) : i < trained ? guess : null }));
    return this.#law.render({
      frame: this.#sameLaw.of({ rungs: shown, floor, law: law && { from: law.from, to: law.to } }),
      strings,
      name,
      title: words.title,
      hint: words.hint,
      table: () =>
        table(
          name,
          words.columns,
          rungs.map(({ parameters, compute, loss }) => [format.integer(parameters), format.compact(compute), format.loss(loss), format.loss(loss === null ? null : loss - floor)]),
        ),
    });
  }

  #renderGuess({ trained, first, begun, floor }: Frame, next: Rung | undefined, last: Rung | undefined): TemplateResult {
    const { format } = this;
    const words = this.strings.scaling.guess;
    const guess = this.#draft ?? next?.guess ?? null;
    if (!next) return html`<p class="guess hint">${words.over}</p>`;
    if (this.status === "resting" || trained < first || !last || last.loss === null) return html`<p class="guess hint">${words.wait}</p>`;
    if (begun) return guess === null ? html`` : html`<p class="guess hint">${words.made(this.#three(guess))}</p>`;
    const low = Math.ceil(1000 * floor + 1) / 1000;
    return html`<div class="guess">
      ${slider({
        label: words.label(format.integer(next.parameters)),
        hint: words.hint(this.#three(floor), this.#three(last.loss)),
        min: low,
        max: Math.ceil(100 * last.loss) / 100,
        step: 0.001,
        value: guess ?? last.loss,
        text: guess === null ? words.none : this.#three(guess),
        onchange: (loss) => this.#guess(Math.round(1000 * loss) / 1000),
      })}
    </div>`;
  }

  /** Of the last size that was foretold, or of the next one as far as it is. */
  #renderNumbers({ rungs, trained, first, begun }: Frame): TemplateResult {
    const { format } = this;
    const words = this.strings.scaling.readout;
    const next = rungs[trained];
    const rung = next && (next.guess !== null || begun || trained <= first) ? next : rungs[trained - 1];
    if (!rung || trained < first) return html``;
    const off = (guess: number) => (rung.loss === null ? words.weights(format.integer(rung.parameters)) : words.off(format.percent(Math.abs(guess / rung.loss - 1))));
    const said = (guess: number | null, none: string): [string, string] => (guess === null ? [words.none, none] : [this.#three(guess), off(guess)]);
    return readout([
      [words.foretold, ...said(rung.foretold, words.untold)],
      [words.guess, ...said(rung.guess, "")],
      [words.loss, rung.loss === null ? words.none : this.#three(rung.loss), rung.loss === null ? words.waiting : words.weights(format.integer(rung.parameters))],
    ]);
  }

  #renderSums({ rungs, trained }: Frame): TemplateResult {
    const { strings, format } = this;
    const words = strings.scaling.sums;
    const name = words.name(format.integer(trained));
    return this.#sums.render({
      frame: this.#sameSums.of({ rungs: rungs.map(({ parameters, sums }) => ({ parameters, sums })) }),
      strings,
      name,
      title: words.title,
      hint: words.hint,
      table: () => table(name, words.columns, rungs.map(({ parameters, sums }) => [format.integer(parameters), sums === null ? "–" : format.share(sums)])),
    });
  }

  #renderTable({ rungs }: Frame): TemplateResult {
    const { format } = this;
    const { table: words, readout: none } = this.strings.scaling;
    const loss = (value: number | null) => (value === null ? none.none : this.#three(value));
    return html`<div class="wide">
      ${table(
        words.title,
        words.columns,
        rungs.map((rung) => [format.integer(rung.parameters), format.integer(rung.steps), loss(rung.loss), loss(rung.foretold), loss(rung.guess), rung.sums === null ? none.none : format.share(rung.sums)]),
      )}
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    [TAG]: Scaling;
  }
}
