/**
 * `<pretune-lora-rank>`: a slider from rank 0 to full fine-tuning, and at each place a model that was trained here. The
 * parts of the figure are in `lora-rank/`; what happens is in `src/widgets/lora_rank/`.
 */
import { html, nothing, unsafeCSS } from "lit";
import type { PropertyValues, TemplateResult } from "lit";
import { beforeNow } from "../components/before-now";
import { Chart } from "../components/chart";
import { checks, choice } from "../components/field";
import { Keep } from "../components/keep";
import { Live } from "../components/live";
import { Panels } from "../components/panel";
import { Pace, progress } from "../components/progress";
import { Same } from "../components/same";
import { Setup } from "../components/setup";
import { Times } from "../components/times";
import { PretuneElement } from "../element";
import type { Command, Frame, Task } from "../frames/lora-rank";
import { store } from "../store";
import { figure } from "../styles/index";
import ownStyles from "../styles/lora-rank.css";
import type { Settings } from "../url-state";
import { renderDesk } from "./lora-rank/desk";
import { renderGpt3 } from "./lora-rank/gpt3";
import { renderRanks, renderSpectrum, renderUpdate } from "./lora-rank/pictures";
import { nameOf, renderNumbers, renderRank } from "./lora-rank/rank";
import type { View } from "./lora-rank/rank";

const TAG = "pretune-lora-rank";

/** The thumb has come to rest: where it stands is kept. */
const REST_MS = 600;

/**
 * Trains an adapter of every rank, and all weights, on the page, and shows what each can do.
 *
 * @tag pretune-lora-rank
 * @slot - What stands here without JavaScript, and whenever the figure cannot run.
 *
 * @attr {string} seed - Decides what is asked and what adapters begin with; the same seed gives the same bits everywhere.
 * @attr {string} model - `base` (ships with the page), `mine` (trained by the reader on this page), `random`, or the address of an exported folder or its zip.
 * @attr {string} task - `known`: to say what the base has read, when asked in a new way; `new`: to learn by heart what it has never read.
 * @attr {string} rank - The place of the slider to begin with: 0, 1, 2, 4 … up to the model's width, or `full`.
 * @attr {string} steps - How many steps each run has.
 * @attr {string} lora-alpha - Divided by the rank it is the factor of the update.
 * @attr {string} target-modules - Layers with an update: some of `c_attn`, `c_proj` and `c_fc`.
 * @attr {string} learning-rate - Of the adapters.
 * @attr {string} full-learning-rate - Of full fine-tuning.
 * @attr {boolean} autoplay - Trains as soon as it is near, unless the reader prefers reduced motion.
 * @attr {string} hide - Parts to leave out: lead, train, start-over, task, numbers, answers, ranks, update, spectrum, settings, desk, gpt3, keep.
 * @attr {"lazy"|"eager"|"manual"} loading - When the runtime starts: near the viewport, at once, or on request.
 * @attr {"auto"|"light"|"dark"} theme - `auto` follows the page's `color-scheme`.
 *
 * @fires pretune-ready - The figure can be used.
 * @fires pretune-step - At most ten times a second while it trains: `{step, steps, loss}`.
 * @fires pretune-complete - Every rank is trained: `{step, steps, loss, fingerprint, ranks}`.
 * @fires pretune-error - `{code, message, action}`.
 * @fires pretune-xapi - A complete xAPI statement.
 *
 * @csspart figure - The whole.
 * @csspart question - Its heading.
 * @csspart controls - The row of buttons.
 * @csspart button - Every button; `primary` the first.
 * @csspart stage - Slider, numbers, answers and charts.
 * @csspart chart - A chart with its table.
 * @csspart readout - The numbers.
 * @csspart sentence - What you just saw, in one sentence.
 * @csspart panel - A part that opens; `summary` its title.
 * @csspart field - A labelled control.
 * @csspart table - Every table.
 * @csspart note - Something unusual.
 */
export class LoraRank extends PretuneElement<Frame> {
  static override tag = TAG;
  static override styles = [...figure, unsafeCSS(ownStyles)];

  #live = new Live(this);
  #panels = new Panels(this);
  #charts = { ranks: new Chart(this, TAG, "ranks"), update: new Chart(this, TAG, "update"), spectrum: new Chart(this, TAG, "spectrum") };
  #same = { ranks: new Same<Record<string, unknown>>(), update: new Same<{ picture: Frame["picture"] }>(), spectrum: new Same<{ spectrum: Frame["spectrum"] }>() };
  #pace = new Pace();
  #times = new Times();
  #setup = new Setup(this, (attributes) => this.#configure(attributes));
  #keep = new Keep(this, {
    files: async () => (await this.session?.files()) ?? [],
    open: async (files) => this.session?.open(files),
  });
  /** Where the thumb is, as long as the core has not heard of it. */
  #thumb: number | null = null;
  #telling = false;
  #rest: ReturnType<typeof setTimeout> | undefined;

  protected override result(frame: Frame): Record<string, unknown> {
    const ranks = frame.runs.map(({ label, trained, asked, kept, rise }) => ({ label, trained, asked, kept, rise }));
    return { ...super.result(frame), ranks };
  }

  /** Where the reader's thumb is does not make it another figure, so a run that was kept goes on all the same. */
  protected override get coreAttributes(): Settings {
    const { rank: _, ...others } = super.coreAttributes;
    const authored = this.getAttribute("rank");
    return authored === null ? others : { ...others, rank: authored };
  }

  protected override async opened(): Promise<void> {
    const { rank } = this.settings;
    if (rank !== undefined) await this.attempt(async () => this.session?.command<Command>({ type: "rank", rank }));
  }

  protected override received(frame: Frame): void {
    this.#pace.add(frame.step, 0, this.status === "training");
    this.#times.add(frame, this.status === "training");
    if (this.#thumb === frame.hand && !this.#telling) this.#thumb = null;
    if (frame.runs[frame.hand]?.done) this.#live.say(frame.summary);
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

  #send(command: Command, keep = false): Promise<void> {
    return this.attempt(() => this.command(command, keep));
  }

  /** The numbers of a finished rank are in the frame already: they are shown at once, and the core is told. */
  #move(place: number): void {
    const run = this.frame?.runs[place];
    if (!run || place === (this.#thumb ?? this.frame?.hand)) return;
    this.#thumb = place;
    this.requestUpdate();
    this.changeSettings({ rank: run.label });
    clearTimeout(this.#rest);
    // Kept with what it shows once it has come to rest; while it trains, that is done anyway.
    this.#rest = setTimeout(() => this.status !== "training" && void this.#tell(true), REST_MS);
    void this.#tell(false);
    if (!run.done && this.status !== "training") void this.start();
  }

  /** One command at a time, each with where the thumb is by then. */
  async #tell(keep: boolean): Promise<void> {
    if (this.#telling) return;
    this.#telling = true;
    let told: string | undefined;
    for (;;) {
      const place: number | undefined = this.#thumb ?? this.frame?.hand;
      const rank: string | undefined = place === undefined ? undefined : this.frame?.runs[place]?.label;
      if (rank === undefined || rank === told) break;
      await this.#send({ type: "rank", rank }, keep);
      told = rank;
    }
    this.#telling = false;
  }

  async #configure(attributes: Settings): Promise<void> {
    await this.pause();
    const rank = this.frame?.config["rank"];
    const all = { ...this.coreAttributes, ...(rank === undefined ? {} : { rank }), ...attributes };
    await this.command<Command>({ type: "configure", attributes: all }, true);
    this.changeSettings(attributes);
    this.#pace = new Pace();
    this.#times = new Times();
  }

  /** Another task has other learning rates and steps that suit it. */
  async #learn(task: Task): Promise<void> {
    await this.attempt(() => this.#configure({ task }));
    if (!this.notice) await this.start();
  }

  // ——— what the reader sees ———

  protected override renderFigure(frame: Frame): TemplateResult {
    const { strings, format } = this;
    const words = strings.loraRank;
    const view: View = { frame, hand: Math.min(this.#thumb ?? frame.hand, frame.runs.length - 1), strings, format };
    const notes = [this.notice, words.origin[frame.origin], store.persistent ? "" : strings.notSaved];
    const part = (name: string, content: () => TemplateResult) => (this.hides(name) ? nothing : content());
    return html`<section class="figure" part="figure" lang=${strings.lang} dir=${strings.dir} aria-labelledby="question">
      <header>
        <h3 class="question" part="question" id="question">${words.question}</h3>
        ${part("lead", () => html`<p class="lead">${words.lead}</p>`)}
      </header>
      ${this.#renderControls(frame)}
      <div class="stage" part="stage">
        <div class="in-hand">
          ${part("task", () => this.#renderTask(frame))} ${renderRank(view, (place) => this.#move(place))} ${part("numbers", () => renderNumbers(view, this.#times.ms))}
        </div>
        <div>${part("ranks", () => renderRanks(this.#charts.ranks, this.#same.ranks, view, this.#times.ms))}</div>
        <div class="wide">${part("answers", () => this.#renderAnswers(view))}</div>
        ${part("update", () => renderUpdate(this.#charts.update, this.#same.update, view, (layer, module) => void this.#send({ type: "matrix", layer, module })))}
        ${part("spectrum", () => renderSpectrum(this.#charts.spectrum, this.#same.spectrum, view))}
      </div>
      <p class="sentence" part="sentence"><b>${strings.inOneSentence}</b>${frame.summary}</p>
      <p class="unseen" aria-live="polite">${this.#live.text}</p>
      ${notes.map((note) => (note ? html`<p class="note" part="note" role="status">${note}</p>` : nothing))}
      ${this.#renderPanels(view)}
    </section>`;
  }

  #renderControls(frame: Frame): TemplateResult {
    const { strings, format } = this;
    const words = strings.loraRank;
    const training = this.status === "training";
    const left = frame.steps - frame.step;
    return html`<div class="controls" part="controls">
      ${this.hides("train") ? nothing : this.trainButton(words.train)}
      ${this.hides("start-over") ? nothing : html`<button part="button" title=${words.startOverHint} @click=${() => this.reset()}>${strings.startOver}</button>`}
      ${progress({ step: frame.step, steps: frame.steps, left, training, pace: this.#pace, strings, format })}
    </div>`;
  }

  #renderTask(frame: Frame): TemplateResult {
    const words = this.strings.loraRank;
    return choice<Task>({
      label: words.task,
      name: "task",
      value: frame.task,
      options: [
        { value: "known", label: words.tasks.known },
        { value: "new", label: words.tasks.new },
      ],
      onchange: (task) => void this.#learn(task),
    });
  }

  #renderAnswers({ frame, hand, strings, format }: View): TemplateResult {
    const words = strings.loraRank.answers;
    const now = frame.runs[hand]!.answers ?? (hand === frame.hand ? frame.answers : null);
    const before = frame.runs[0]!.answers;
    return html`<p class="heading">${words.title} <span class="hint">${nameOf(frame.runs[hand]!, strings)}</span></p>
      ${beforeNow({
        caption: words.title,
        columns: words.columns,
        rows: frame.probes.map(({ prompt, answer, group }, i) => ({ question: prompt, note: words.groups[group], before: before?.[i] ?? null, now: now?.[i] ?? null, expected: answer })),
        none: words.untrained,
        words,
        format,
      })}`;
  }

  #renderPanels(view: View): TemplateResult {
    const { frame, strings, format } = view;
    const words = strings.loraRank;
    const panel = (name: string, { title, hint }: { title: string; hint: string }, content: () => TemplateResult) =>
      this.hides(name) ? nothing : this.#panels.render(name, title, hint, content);
    return html`<div class="panels">
      ${panel("desk", words.desk, () =>
        renderDesk({
          frame,
          strings,
          format,
          onadapter: (adapter) => void this.#send({ type: "adapter", adapter }),
          onmerge: (merged) => void this.#send({ type: "merge", merged }),
        }),
      )}
      ${panel("gpt3", words.gpt3, () => renderGpt3(view))}
      ${panel("settings", words.settings, () => this.#setup.render({ config: frame.config, warnings: frame.warnings, words: words.settings, besides: this.#renderTargets(frame) }))}
      ${panel("keep", words.keep, () => this.#keep.render({ name: `pretune-lora-${frame.config["rank"]}`, fingerprint: frame.fingerprint, words: words.keep }))}
    </div>`;
  }

  #renderTargets(frame: Frame): TemplateResult {
    const words = this.strings.loraRank.settings;
    const now = (this.#setup.said("target-modules") ?? frame.config["target-modules"] ?? "").split(" ").filter(Boolean);
    const options = Object.entries(words.modules).map(([name, label]) => ({
      label,
      checked: now.includes(name),
      onchange: (checked: boolean) => this.#setup.put("target-modules", Object.keys(words.modules).filter((other) => (other === name ? checked : now.includes(other))).join(" ")),
    }));
    return checks({ label: words.targets, options });
  }
}

declare global {
  interface HTMLElementTagNameMap {
    [TAG]: LoraRank;
  }
}
