/**
 * `<pretune-scratch-vs-transfer>`: the same labels for a network that has read and for one that has not. What happens is in
 * `src/widgets/scratch_vs_transfer.rs`.
 */
import { html, nothing, unsafeCSS } from "lit";
import type { PropertyValues, TemplateResult } from "lit";
import { Chart } from "../components/chart";
import { slider } from "../components/field";
import { Live } from "../components/live";
import { Pace, progress } from "../components/progress";
import { readout } from "../components/readout";
import { Same } from "../components/same";
import { styled } from "../components/styled";
import { table } from "../components/table";
import { PretuneElement } from "../element";
import type { Command, Frame, Needed } from "../frames/scratch-vs-transfer";
import { store } from "../store";
import { figure } from "../styles/index";
import ownStyles from "../styles/scratch-vs-transfer.css";
import type { Settings } from "../url-state";

const TAG = "pretune-scratch-vs-transfer";
const REST_MS = 400;

/**
 * Trains a pre-trained network and one from scratch on the same labels, and reads off how many each needs.
 *
 * @tag pretune-scratch-vs-transfer
 * @slot - What stands here without JavaScript, and whenever the figure cannot run.
 *
 * @attr {string} seed - Decides which reviews are labelled, and the random weights; the same seed gives the same bits everywhere.
 * @attr {string} model - `base` (ships with the page), `mine` (trained by the reader on this page), `random`, or the address of an exported folder or its zip.
 * @attr {string} labels - How many labels both have at first: 2, 4, 8, 16, 32, 64, 128 or 256.
 * @attr {boolean} autoplay - Trains as soon as it is near, unless the reader prefers reduced motion.
 * @attr {string} hide - Parts to leave out: lead, train, start-over, labels, lanes, numbers, curves, shown.
 * @attr {"lazy"|"eager"|"manual"} loading - When the runtime starts: near the viewport, at once, or on request.
 * @attr {"auto"|"light"|"dark"} theme - `auto` follows the page's `color-scheme`.
 *
 * @fires pretune-ready - The figure can be used.
 * @fires pretune-step - At most ten times a second while it trains: `{step, steps, loss}`.
 * @fires pretune-complete - Every run is made: `{step, steps, loss, fingerprint, factor}`.
 * @fires pretune-error - `{code, message, action}`.
 * @fires pretune-xapi - A complete xAPI statement.
 *
 * @csspart figure - The whole.
 * @csspart question - Its heading.
 * @csspart controls - The row of buttons.
 * @csspart button - Every button; `primary` the first.
 * @csspart stage - Slider, lanes, numbers and the chart.
 * @csspart chart - A chart with its table.
 * @csspart readout - The numbers.
 * @csspart sentence - What you just saw, in one sentence.
 * @csspart field - A labelled control.
 * @csspart table - Every table.
 * @csspart note - Something unusual.
 */
export class ScratchVsTransfer extends PretuneElement<Frame> {
  static override tag = TAG;
  static override styles = [...figure, unsafeCSS(ownStyles)];

  #live = new Live(this);
  #chart = new Chart(this, TAG, "curves");
  #same = new Same<Record<string, unknown>>();
  #pace = new Pace();
  /** Where the thumb is, as long as the core has not heard of it. */
  #thumb: number | null = null;
  #rest: ReturnType<typeof setTimeout> | undefined;

  protected override result(frame: Frame): Record<string, unknown> {
    return { ...super.result(frame), factor: frame.factor };
  }

  /** Where the thumb is does not make it another figure, so the runs that were kept stay. */
  protected override get coreAttributes(): Settings {
    const { labels: _, ...others } = super.coreAttributes;
    const authored = this.getAttribute("labels");
    return authored === null ? others : { ...others, labels: authored };
  }

  protected override async opened(): Promise<void> {
    const { labels } = this.settings;
    if (labels !== undefined) await this.attempt(async () => this.session?.command<Command>({ type: "labels", labels }));
  }

  protected override received(frame: Frame): void {
    this.#pace.add(frame.step, 0, this.status === "training");
    if (this.#thumb === frame.hand) this.#thumb = null;
    if (frame.transfer[frame.hand] !== null && frame.scratch[frame.hand] !== null) this.#live.say(frame.summary);
    this.dataset["origin"] = frame.origin;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#rest);
  }

  protected override updated(changed: PropertyValues<this>): void {
    super.updated(changed);
    if (changed.has("frame") && this.frame === null) this.#thumb = null;
  }

  // ——— what the reader does ———

  /** The core hears of it when the thumb has come to rest: every place on the way would be raced otherwise. */
  #move(place: number): void {
    this.#thumb = place;
    this.requestUpdate();
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => void this.#take(place), REST_MS);
  }

  async #take(place: number): Promise<void> {
    const frame = this.frame;
    if (!frame) return;
    const labels = String(frame.labels[place]);
    this.changeSettings({ labels });
    await this.attempt(() => this.command<Command>({ type: "labels", labels }, true));
    const done = frame.transfer[place] !== null && frame.scratch[place] !== null;
    if (!this.notice && !done && this.status !== "training") await this.start();
  }

  // ——— what the reader sees ———

  protected override renderFigure(frame: Frame): TemplateResult {
    const { strings } = this;
    const words = strings.scratchVsTransfer;
    const hand = this.#thumb ?? frame.hand;
    const notes = [this.notice, words.origin[frame.origin], store.persistent ? "" : strings.notSaved];
    const part = (name: string, content: () => TemplateResult) => (this.hides(name) ? nothing : content());
    return html`<section class="figure" part="figure" lang=${strings.lang} dir=${strings.dir} aria-labelledby="question">
      <header>
        <h3 class="question" part="question" id="question">${words.question}</h3>
        ${part("lead", () => html`<p class="lead">${words.lead}</p>`)}
      </header>
      ${this.#renderControls(frame)}
      <div class="stage" part="stage">
        <div class="part">
          ${part("labels", () => this.#renderSlider(frame, hand))} ${part("lanes", () => this.#renderLanes(frame, hand))} ${part("numbers", () => this.#renderNumbers(frame))}
        </div>
        ${part("curves", () => this.#renderCurves(frame, hand))} ${part("shown", () => this.#renderShown(frame))}
      </div>
      <p class="sentence" part="sentence"><b>${strings.inOneSentence}</b>${frame.summary}</p>
      <p class="unseen" aria-live="polite">${this.#live.text}</p>
      ${notes.map((note) => (note ? html`<p class="note" part="note" role="status">${note}</p>` : nothing))}
    </section>`;
  }

  #renderControls(frame: Frame): TemplateResult {
    const { strings, format } = this;
    const words = strings.scratchVsTransfer;
    const training = this.status === "training";
    const all = frame.fingerprint !== null;
    const raced = frame.transfer[frame.hand] !== null && frame.scratch[frame.hand] !== null;
    return html`<div class="controls" part="controls">
      ${this.hides("train") ? nothing : this.trainButton(raced && !all ? words.others : words.train)}
      ${this.hides("start-over") ? nothing : html`<button part="button" title=${words.startOverHint} @click=${() => this.reset()}>${strings.startOver}</button>`}
      ${progress({ step: frame.step, steps: frame.steps, left: frame.steps - frame.step, training, pace: this.#pace, strings, format })}
    </div>`;
  }

  #renderSlider({ labels }: Frame, hand: number): TemplateResult {
    const words = this.strings.scratchVsTransfer;
    const text = this.format.integer(labels[hand] ?? 0);
    return slider({ label: words.labels, hint: words.labelsHint, min: 0, max: labels.length - 1, step: 1, value: hand, text, onchange: (place) => this.#move(place) });
  }

  #renderLanes({ transfer, scratch, racing }: Frame, hand: number): TemplateResult {
    const { format } = this;
    const words = this.strings.scratchVsTransfer;
    const lane = (kind: "transfer" | "scratch", share: number | null) => {
      const live = racing && racing.place === hand && racing.is_transfer === (kind === "transfer") ? racing : null;
      const width = share ?? (live ? live.step / live.steps : 0);
      const value = share !== null ? format.percent(share) : live ? words.running(format.integer(live.step), format.integer(live.steps)) : words.waiting;
      return html`<li class="lane ${kind}">
        <span class="name">${words.lanes[kind]}</span><span class="value ${share === null ? "hint" : ""}">${value}</span>
        <span class="track" aria-hidden="true"><span class="fill ${share === null ? "under-way" : ""}" ${styled({ "inline-size": `${(100 * width).toFixed(1)}%` })}></span></span>
      </li>`;
    };
    return html`<div>
      <ul class="lanes">${lane("transfer", transfer[hand] ?? null)} ${lane("scratch", scratch[hand] ?? null)}</ul>
      <p class="hint">${words.guess}</p>
    </div>`;
  }

  #renderNumbers({ transfer_needs, scratch_needs, factor, enough, labels }: Frame): TemplateResult {
    const { format } = this;
    const words = this.strings.scratchVsTransfer;
    const { least, most, waiting } = words.readout;
    const compared = words.readout.enough(format.share(enough));
    const needs = (needed: Needed | null) => {
      if (!needed) return "–";
      const n = format.integer(Math.round(needed.labels));
      return !needed.reached ? most(n) : needed.labels <= labels[0]! ? least(n) : n;
    };
    return html`<div class="numbers">
      ${readout([
        [words.readout.transfer, needs(transfer_needs), transfer_needs ? compared : waiting],
        [words.readout.scratch, needs(scratch_needs), scratch_needs ? compared : waiting],
        [words.readout.factor, factor === null ? "–" : format.rate(factor), factor === null ? waiting : words.readout.factorHint],
      ])}
      <details class="more">
        <summary>${words.meaning}</summary>
        <p class="hint">${words.method}</p>
      </details>
    </div>`;
  }

  #renderCurves({ labels, enough, transfer, scratch, transfer_needs, scratch_needs }: Frame, hand: number): TemplateResult {
    const { strings, format } = this;
    const words = strings.scratchVsTransfer.chart;
    const name = words.name(format.integer(labels[hand] ?? 0));
    const share = (value: number | null | undefined) => (value === null || value === undefined ? "–" : format.percent(value));
    return this.#chart.render({
      frame: this.#same.of({ labels, hand, enough, transfer, scratch, transfer_needs, scratch_needs }),
      strings,
      name,
      title: words.title,
      hint: words.hint,
      table: () => table(name, words.columns, labels.map((n, i) => [format.integer(n), share(transfer[i]), share(scratch[i])])),
    });
  }

  #renderShown({ shown }: Frame): TemplateResult {
    const words = this.strings.scratchVsTransfer.shown;
    return html`<div class="wide shown">
      <p class="heading">${words.title}</p>
      ${table(words.title, words.columns, shown.map(({ text, good }) => [text, good ? words.good : words.bad]))}
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    [TAG]: ScratchVsTransfer;
  }
}
