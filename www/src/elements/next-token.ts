/**
 * `<pretune-next-token>`: a sentence, what a language model thinks comes next, and the model learning to think better.
 * The parts of the figure are in `next-token/`; what happens is in `src/widgets/next_token.rs`.
 */
import { html, nothing, unsafeCSS } from "lit";
import type { PropertyValues, TemplateResult } from "lit";
import { Chart } from "../components/chart";
import { Keep } from "../components/keep";
import { Live } from "../components/live";
import { Panels } from "../components/panel";
import { Pace, progress } from "../components/progress";
import { Setup } from "../components/setup";
import { PretuneElement } from "../element";
import type { Format } from "../format";
import type { Command, Frame, Sampling } from "../frames/next-token";
import type { Timings } from "../runtime/bench";
import { store } from "../store";
import type { Strings } from "../strings";
import { figure } from "../styles/index";
import ownStyles from "../styles/next-token.css";
import type { Settings } from "../url-state";
import { renderAttention } from "./next-token/attention";
import { renderExamples, renderSamples } from "./next-token/lessons";
import { OwnText } from "./next-token/own-text";
import { renderLoss, renderReadout } from "./next-token/loss";
import { DEFAULTS, UNSET, fromSettings, renderSampling, toSettings } from "./next-token/sampling";
import { Sentence } from "./next-token/sentence";
import { MEASURE_SECONDS, Speed } from "./next-token/speed";

const TAG = "pretune-next-token";

/**
 * Trains a miniature GPT-2 on the page and shows what it expects next.
 *
 * @tag pretune-next-token
 * @slot - What stands here without JavaScript, and whenever the figure cannot run.
 *
 * @attr {string} seed - Decides the weights, the text and what is drawn; the same seed gives the same bits everywhere.
 * @attr {string} model - `base` (ships with the page), `mine` (trained by the reader on this page), `random`, or the address of an exported folder or its zip.
 * @attr {string} corpus - A built-in text's name or the address of a plain text. A `<script type="text/plain">` child does the same.
 * @attr {string} steps - How many steps a whole training has. Every other option of `pretune train` is an attribute, too.
 * @attr {string} prompt - The sentence to begin with.
 * @attr {boolean} autoplay - Trains as soon as it is near, unless the reader prefers reduced motion.
 * @attr {"auto"|"1"|"2"|"4"} workers - How many workers compute a step. `auto` takes a second and more where that is measured to be faster. The bits are the same.
 * @attr {string} hide - Controls to leave out: lead, train, step, random, start-over, write, loss, readout, sampling, samples, examples, attention, own-text, settings, speed, keep.
 * @attr {"lazy"|"eager"|"manual"} loading - When the runtime starts: near the viewport, at once, or on request.
 * @attr {"auto"|"light"|"dark"} theme - `auto` follows the page's `color-scheme`.
 *
 * @fires pretune-ready - The figure can be used.
 * @fires pretune-step - At most ten times a second while it trains: `{step, steps, loss}`.
 * @fires pretune-complete - Training has ended: `{step, steps, loss, val_loss, fingerprint}`.
 * @fires pretune-error - `{code, message, action}`.
 * @fires pretune-xapi - A complete xAPI statement.
 *
 * @csspart figure - The whole.
 * @csspart question - Its heading.
 * @csspart controls - The row of buttons.
 * @csspart button - Every button; `primary` the first.
 * @csspart stage - Sentence and chart.
 * @csspart chips - A row of tokens; `chip` each.
 * @csspart bars - The likeliest next tokens; `bar` each.
 * @csspart chart - A chart with its table.
 * @csspart readout - The numbers.
 * @csspart sentence - What you just saw, in one sentence.
 * @csspart panel - A part that opens; `summary` its title.
 * @csspart field - A labelled control.
 * @csspart table - Every table.
 * @csspart note - Something unusual.
 */
export class NextToken extends PretuneElement<Frame> {
  static override tag = TAG;
  static override styles = [...figure, unsafeCSS(ownStyles)];

  #live = new Live(this);
  #sentence = new Sentence(this, {
    send: (command) => this.#send(command),
    remember: (text) => this.changeSettings({ prompt: text }),
  });
  #panels = new Panels(this);
  #loss = new Chart(this, TAG, "loss");
  #heat = new Chart(this, TAG, "attention");
  #pace = new Pace();
  #ownText = new OwnText(this, (name, text, tokenizer) => this.#useText(name, text, tokenizer));
  #setup = new Setup(this, (attributes) => this.#configure(attributes));
  #speed = new Speed(this, (signal) => this.#measure(signal));
  #keep = new Keep(this, {
    files: async () => (await this.session?.files()) ?? [],
    open: async (files) => this.session?.open(files),
    keepMine: () => this.#keepMine(),
  });
  #sampling: Sampling = DEFAULTS;
  #looking = Infinity;

  override async start(): Promise<void> {
    await this.load();
    // Both are on their way at once; the worker keeps their order.
    const reset = this.#fromZero ? this.#send({ type: "reset" }, true) : null;
    await Promise.all([reset, super.start()]);
  }

  override async step(): Promise<void> {
    await this.load();
    if (this.frame?.origin === "base") await this.#send({ type: "reset" }, true);
    await super.step();
  }

  override async reset(): Promise<void> {
    this.#sentence.forget();
    await super.reset();
  }

  /** The shipped model has nothing left to learn, and neither has one that is done. */
  get #fromZero(): boolean {
    return this.frame !== null && (this.frame.origin === "base" || this.frame.step >= this.frame.steps);
  }

  protected override handled = ["prompt", ...Object.keys(UNSET)];

  /** The shipped model was trained elsewhere. */
  protected override trained(frame: Frame): boolean {
    return super.trained(frame) && frame.origin !== "base";
  }

  protected override async opened(restored: boolean): Promise<void> {
    this.#sampling = fromSettings(this.attributesInForce);
    await this.session?.command<Command>({ type: "sampling", ...this.#sampling });
    // The author's sentence begins the figure; what the reader went on with is in the address, or in what was restored.
    const { prompt } = restored ? this.settings : this.attributesInForce;
    if (prompt !== undefined) await this.session?.command<Command>({ type: "prompt", text: prompt });
  }

  protected override received(frame: Frame): void {
    this.#pace.add(frame.step, frame.tokens_seen, this.status === "training");
    this.#pace.expect(this.pace?.step_ms ?? null);
    this.#sentence.received(frame);
    this.#live.say(frame.summary);
    this.dataset["origin"] = frame.origin;
  }

  protected override result(frame: Frame): Record<string, unknown> {
    return { ...super.result(frame), val_loss: frame.val_loss };
  }

  protected override updated(changed: PropertyValues<this>): void {
    super.updated(changed);
    if (changed.has("status") && this.status === "done" && changed.get("status") === "training") void this.#keepMine();
  }

  // ——— what the reader does ———

  #send(command: Command, keep = false): Promise<void> {
    return this.attempt(() => this.command(command, keep));
  }

  #sample(change: Partial<Sampling>): void {
    this.#sampling = { ...this.#sampling, ...change };
    this.requestUpdate();
    const settings = Object.entries(toSettings(this.#sampling));
    this.changeSettings(Object.fromEntries(settings.map(([name, value]) => [name, value === UNSET[name] && !this.hasAttribute(name) ? null : value])));
    void this.#send({ type: "sampling", ...this.#sampling });
  }

  async #useText(name: string, text: string, tokenizer: Frame["tokenizer"]): Promise<void> {
    await this.pause();
    // A refusal is shown beside the text, so it goes up from here.
    await this.command<Command>({ type: "corpus", name, text, tokenizer }, true);
    this.#pace = new Pace();
    await this.#sentence.type(text.trimStart().slice(0, 60).replace(/\S*$/, "") || text.slice(0, 20));
  }

  async #configure(attributes: Settings): Promise<void> {
    await this.pause();
    // The shipped model has its own shape and its own text; other settings mean another model.
    const changed = { ...attributes, model: "random" };
    await this.command<Command>({ type: "configure", attributes: { ...this.coreAttributes, ...changed } }, true);
    this.changeSettings(changed);
    this.#pace = new Pace();
  }

  async #measure(signal: AbortSignal): Promise<Timings | undefined> {
    const training = this.status === "training";
    if (training) await this.pause();
    try {
      return await this.session?.bench("micro", MEASURE_SECONDS, { signal });
    } finally {
      if (training) await super.start();
    }
  }

  async #keepMine(): Promise<void> {
    const snapshot = await this.session?.snapshot();
    if (snapshot) await store.keepMine({ snapshot, tag: TAG, step: this.frame?.step ?? 0 });
  }

  // ——— what the reader sees ———

  protected override renderFigure(frame: Frame): TemplateResult {
    const words = this.strings.nextToken;
    return html`<section class="figure" part="figure" lang=${this.strings.lang} dir=${this.strings.dir} aria-labelledby="question">
      <header>
        <h3 class="question" part="question" id="question">${words.question}</h3>
        ${this.hides("lead") ? nothing : html`<p class="lead">${words.lead}</p>`}
      </header>
      ${this.#renderControls(frame)}
      <div class="stage" part="stage">
        ${this.#sentence.render(frame, this.strings, this.format, !this.hides("write"))}
        <div class="learn">${this.hides("loss") ? nothing : renderLoss(this.#loss, this.#view(frame))} ${this.hides("readout") ? nothing : renderReadout(this.#view(frame))}</div>
      </div>
      <p class="sentence" part="sentence"><b>${this.strings.inOneSentence}</b>${frame.summary}</p>
      <p class="unseen" aria-live="polite">${this.#live.text}</p>
      ${[this.notice, store.persistent ? "" : this.strings.notSaved].map((note) => (note ? html`<p class="note" part="note" role="status">${note}</p>` : nothing))}
      ${this.#renderPanels(frame)}
    </section>`;
  }

  #renderControls(frame: Frame): TemplateResult {
    const { strings, format } = this;
    const words = strings.nextToken;
    const training = this.status === "training";
    const done = this.#fromZero && frame.origin !== "base";
    // The shipped model's steps were taken elsewhere; what is to come here is a whole run.
    const left = done ? 0 : this.#fromZero ? Number(frame.config["max-iters"]) : frame.steps - frame.step;
    const button = (name: string, label: string, hint: string, act: () => unknown, disabled = false) =>
      this.hides(name) ? nothing : html`<button part="button" title=${hint} ?disabled=${disabled} @click=${act}>${label}</button>`;
    return html`<div class="controls" part="controls">
      ${this.hides("train")
        ? nothing
        : html`<button class="primary" part="button primary" @click=${() => (training ? this.pause() : this.start())}>
            ${training ? strings.pause : this.#fromZero ? strings.trainFromZero : strings.train}
          </button>`}
      ${button("step", strings.oneStep, words.oneStepHint, () => this.step(), done)}
      ${button("random", words.reset, words.resetHint, () => this.#send({ type: "reset" }, true))}
      ${button("start-over", strings.startOver, words.startOverHint, () => this.reset())}
      ${progress({ step: frame.step, steps: frame.steps, left, training, pace: this.#pace, strings, format })}
    </div>`;
  }

  #view(frame: Frame): { frame: Frame; strings: Strings; format: Format } {
    return { frame, strings: this.strings, format: this.format };
  }

  #renderPanels(frame: Frame): TemplateResult {
    const { strings, format } = this;
    const words = strings.nextToken;
    const panel = (name: string, { title, hint }: { title: string; hint: string }, content: () => TemplateResult) =>
      this.hides(name) ? nothing : this.#panels.render(name, title, hint, content);
    return html`<div class="panels">
      ${panel("sampling", words.sampling, () =>
        renderSampling({
          frame,
          strings,
          format,
          sampling: this.#sampling,
          length: this.#sentence.length,
          onchange: (change) => this.#sample(change),
          onlength: (length) => {
            this.#sentence.length = length;
            this.requestUpdate();
          },
        }),
      )}
      ${panel("samples", words.samples, () => renderSamples(this.#view(frame)))}
      ${panel("examples", words.examples, () => renderExamples(this.#view(frame)))}
      ${panel("attention", words.attention, () =>
        renderAttention({
          frame,
          strings,
          format,
          chart: this.#heat,
          selected: this.#looking,
          onselect: (place) => {
            this.#looking = place;
            this.requestUpdate();
          },
          onhead: (layer, head) => this.#send({ type: "head", layer, head }),
        }),
      )}
      ${panel("own-text", words.ownText, () => this.#ownText.render(frame, strings, format))}
      ${panel("settings", words.settings, () => this.#setup.render({ config: frame.config, warnings: frame.warnings, words: words.settings }))}
      ${panel("speed", words.speed, () => this.#speed.render(strings, format))}
      ${panel("keep", words.keep, () => this.#keep.render({ name: `pretune-${frame.step}`, fingerprint: frame.fingerprint, words: words.keep }))}
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    [TAG]: NextToken;
  }
}
