/**
 * `<pretune-forgetting>`: fine-tuning on medicine, what it makes a model forget, and what helps against it. What happens is
 * in `src/widgets/forgetting/`.
 */
import { html, nothing, unsafeCSS } from "lit";
import type { PropertyValues, TemplateResult } from "lit";
import { beforeNow } from "../components/before-now";
import { Chart } from "../components/chart";
import { checks, slider } from "../components/field";
import { Live } from "../components/live";
import { Pace, progress } from "../components/progress";
import { readout } from "../components/readout";
import { Same } from "../components/same";
import { styled } from "../components/styled";
import { table } from "../components/table";
import { PretuneElement } from "../element";
import type { Command, Frame, Made } from "../frames/forgetting";
import { store } from "../store";
import ownStyles from "../styles/forgetting.css";
import { figure } from "../styles/index";
import type { Settings } from "../url-state";

const TAG = "pretune-forgetting";
/** These two go with a model that is trained itself. */
const NOT_WITH_LORA = ["low-rate", "ewc"];

/**
 * Fine-tunes the base on twelve questions about medicine, with the reader's remedies against forgetting, and shows what it
 * learned and what it lost.
 *
 * @tag pretune-forgetting
 * @slot - What stands here without JavaScript, and whenever the figure cannot run.
 *
 * @attr {string} seed - Decides which illnesses are trained, and what is replayed; the same seed gives the same bits everywhere.
 * @attr {string} model - `base` (ships with the page), `mine` (trained by the reader on this page), `random`, or the address of an exported folder or its zip.
 * @attr {string} remedies - What is done against forgetting at first: `none`, or some of `low-rate`, `few-steps`, `ewc`, `lora` and `replay-4`, `-8`, `-12` or `-24`.
 * @attr {string} steps - How many steps each run has.
 * @attr {boolean} autoplay - Trains as soon as it is near, unless the reader prefers reduced motion.
 * @attr {string} hide - Parts to leave out: lead, train, start-over, remedies, numbers, runs, answers, matrix.
 * @attr {"lazy"|"eager"|"manual"} loading - When the runtime starts: near the viewport, at once, or on request.
 * @attr {"auto"|"light"|"dark"} theme - `auto` follows the page's `color-scheme`.
 *
 * @fires pretune-ready - The figure can be used.
 * @fires pretune-step - At most ten times a second while it trains: `{step, steps, loss}`.
 * @fires pretune-complete - Every run is made: `{step, steps, loss, fingerprint, runs}`.
 * @fires pretune-error - `{code, message, action}`.
 * @fires pretune-xapi - A complete xAPI statement.
 *
 * @csspart figure - The whole.
 * @csspart question - Its heading.
 * @csspart controls - The row of buttons.
 * @csspart button - Every button; `primary` the first.
 * @csspart stage - Switches, numbers, answers and the chart.
 * @csspart chart - A chart with its table.
 * @csspart readout - The numbers.
 * @csspart sentence - What you just saw, in one sentence.
 * @csspart field - A labelled control.
 * @csspart table - Every table.
 * @csspart note - Something unusual.
 */
export class Forgetting extends PretuneElement<Frame> {
  static override tag = TAG;
  static override styles = [...figure, unsafeCSS(ownStyles)];

  #live = new Live(this);
  #chart = new Chart(this, TAG, "runs");
  #same = new Same<Record<string, unknown>>();
  #pace = new Pace();
  /** The remedies that the reader switched on, as long as the core has not heard of them. */
  #wanted: string | null = null;

  protected override result(frame: Frame): Record<string, unknown> {
    return { ...super.result(frame), runs: frame.runs.map(({ remedies, right, rise }) => ({ remedies, ...right, rise })) };
  }

  /** What is switched on does not make it another figure, so the runs that were kept stay. */
  protected override get coreAttributes(): Settings {
    const { remedies: _, ...others } = super.coreAttributes;
    const authored = this.getAttribute("remedies");
    return authored === null ? others : { ...others, remedies: authored };
  }

  protected override async opened(): Promise<void> {
    const { remedies } = this.settings;
    if (remedies !== undefined) await this.attempt(async () => this.session?.command<Command>({ type: "remedies", remedies }));
  }

  protected override received(frame: Frame): void {
    this.#pace.add(frame.step, 0, this.status === "training");
    if (this.#wanted === frame.config["remedies"]) this.#wanted = null;
    if (frame.runs[frame.hand]?.done) this.#live.say(frame.summary);
    this.dataset["origin"] = frame.origin;
  }

  protected override updated(changed: PropertyValues<this>): void {
    super.updated(changed);
    if (changed.has("frame") && this.frame === null) this.#wanted = null;
  }

  // ——— what the reader does ———

  /** In the core's own order, so that the frame can be recognized. */
  #switch(now: string[], name: string, on: boolean): void {
    const others = name === "lora" ? NOT_WITH_LORA : NOT_WITH_LORA.includes(name) ? ["lora"] : [];
    const wanted = new Set(now.filter((other) => other !== name && !(on && others.includes(other))));
    if (on) wanted.add(name);
    const order = Object.keys(this.strings.forgetting.switches);
    const label = [...order.filter((other) => wanted.has(other)), ...[...wanted].filter((other) => other.startsWith("replay-"))].join(" ");
    void this.#take(label || "none");
  }

  async #take(remedies: string): Promise<void> {
    this.#wanted = remedies;
    this.requestUpdate();
    this.changeSettings({ remedies });
    await this.attempt(() => this.command<Command>({ type: "remedies", remedies }, true));
    if (this.notice) this.#wanted = null;
    else if (!this.frame?.runs.find((run) => run.remedies === remedies)?.done && this.status !== "training") await this.start();
  }

  // ——— what the reader sees ———

  protected override renderFigure(frame: Frame): TemplateResult {
    const { strings } = this;
    const words = strings.forgetting;
    const notes = [this.notice, words.origin[frame.origin], store.persistent ? "" : strings.notSaved];
    const part = (name: string, content: () => TemplateResult) => (this.hides(name) ? nothing : content());
    return html`<section class="figure" part="figure" lang=${strings.lang} dir=${strings.dir} aria-labelledby="question">
      <header>
        <h3 class="question" part="question" id="question">${words.question}</h3>
        ${part("lead", () => html`<p class="lead">${words.lead}</p>`)}
      </header>
      ${this.#renderControls(frame)}
      <div class="stage" part="stage">
        <div class="in-hand">${part("remedies", () => this.#renderSwitches(frame))} ${part("numbers", () => this.#renderNumbers(frame))}</div>
        ${part("runs", () => this.#renderRuns(frame))} ${part("answers", () => this.#renderAnswers(frame))} ${part("matrix", () => this.#renderMatrix(frame))}
      </div>
      <p class="sentence" part="sentence"><b>${strings.inOneSentence}</b>${frame.summary}</p>
      <p class="unseen" aria-live="polite">${this.#live.text}</p>
      ${notes.map((note) => (note ? html`<p class="note" part="note" role="status">${note}</p>` : nothing))}
    </section>`;
  }

  #renderControls(frame: Frame): TemplateResult {
    const { strings, format } = this;
    const words = strings.forgetting;
    const training = this.status === "training";
    const all = frame.fingerprint !== null;
    const next = frame.runs[frame.hand]?.done && !all ? words.others : words.train;
    return html`<div class="controls" part="controls">
      ${this.hides("train") ? nothing : this.trainButton(next)}
      ${this.hides("start-over") ? nothing : html`<button part="button" title=${words.startOverHint} @click=${() => this.reset()}>${strings.startOver}</button>`}
      ${progress({ step: frame.step, steps: frame.steps, left: frame.steps - frame.step, training, pace: this.#pace, strings, format })}
    </div>`;
  }

  #renderSwitches(frame: Frame): TemplateResult {
    const { strings, format } = this;
    const words = strings.forgetting;
    const now = (this.#wanted ?? frame.config["remedies"] ?? "").split(" ").filter((name) => name !== "none" && name !== "");
    const replay = now.find((name) => name.startsWith("replay-"));
    const place = Math.max(0, frame.replayed.findIndex(({ rows }) => `replay-${rows}` === replay));
    const others = now.filter((name) => name !== replay);
    const share = (i: number) => format.share(frame.replayed[i]?.share ?? 0);
    return html`${checks({
        label: words.remedies,
        options: Object.entries(words.switches).map(([name, label]) => ({ label, checked: now.includes(name), onchange: (on: boolean) => this.#switch(now, name, on) })),
      })}
      <p class="hint">${words.exclusive}</p>
      ${slider({
        label: words.replay,
        hint: words.replayHint,
        min: 0,
        max: frame.replayed.length - 1,
        step: 1,
        value: place,
        text: place === 0 ? strings.off : words.share(share(place)),
        onchange: (i) => (i === 0 ? this.#switch(others, "", false) : this.#switch(others, `replay-${frame.replayed[i]?.rows}`, true)),
      })}`;
  }

  #renderNumbers({ runs, hand, asked, base, tasks }: Frame): TemplateResult {
    const { strings, format } = this;
    const words = strings.forgetting;
    const { of, before, nats } = words.readout;
    const run = runs[hand]!;
    // While it trains, the last moment at which it was asked.
    const last = (...places: number[]) => (tasks[0]?.right.length ? places.reduce((sum, i) => sum + (tasks[i]?.right.at(-1) ?? 0), 0) : null);
    const now = { learned: run.right?.learned ?? last(0), untouched: run.right?.untouched ?? last(1), kept: run.right?.kept ?? last(3, 4) };
    const cell = (kind: "learned" | "untouched" | "kept") =>
      [words.readout[kind], now[kind] === null ? "–" : of(format.integer(now[kind]), format.integer(asked[kind])), before(of(format.integer(base[kind]), format.integer(asked[kind])))] as const;
    return html`<div class="numbers">
      ${readout([cell("learned"), cell("untouched"), cell("kept"), [words.readout.rise, run.rise === null ? "–" : format.change(run.rise), nats]])}
      <details class="more">
        <summary>${words.meaning}</summary>
        <dl class="meanings">${(["learned", "untouched", "kept", "rise"] as const).map((name) => html`<div><dt>${words.readout[name]}</dt><dd>${words.measures[name]}</dd></div>`)}</dl>
      </details>
    </div>`;
  }

  #nameOf({ remedies }: Pick<Made, "remedies">, { replayed }: Frame): string {
    const words = this.strings.forgetting;
    const name = (part: string) => words.names[part] ?? words.replayed(this.format.share(replayed.find(({ rows }) => part === `replay-${rows}`)?.share ?? 0));
    return remedies.split(" ").map(name).join(" + ");
  }

  #renderRuns(frame: Frame): TemplateResult {
    const { strings, format } = this;
    const words = strings.forgetting;
    const { runs, hand, base, asked, learning } = frame;
    const name = words.chart.name(format.integer(runs.filter(({ done }) => done).length));
    const share = (run: Made, kind: "learned" | "untouched" | "kept") => (run.right ? format.share(run.right[kind] / (asked[kind] || 1)) : "–");
    const result = (run: Made, i: number) => (run.done ? `${share(run, "learned")} · ${share(run, "kept")}` : i === learning ? words.chart.running : words.chart.waiting);
    return html`<div class="tried">
      ${this.#chart.render({
        frame: this.#same.of({ hand, base, asked, runs: runs.map(({ right }) => ({ right })) }),
        strings,
        name,
        title: words.chart.title,
        hint: words.chart.hint,
        table: () => table(name, words.chart.columns, runs.map((run, i) => [`${i + 1}. ${this.#nameOf(run, frame)}`, share(run, "learned"), share(run, "untouched"), share(run, "kept"), run.rise === null ? "–" : format.change(run.rise)])),
      })}
      <p class="hint list-hint">${words.chart.list}</p>
      <ol class="list" aria-label=${words.chart.title}>
        ${runs.map(
          (run, i) => html`<li><button part="button" aria-pressed=${i === hand} @click=${() => this.#take(run.remedies)}><span class="number" aria-hidden="true">${i + 1}</span><span><span class="unseen">${words.chart.take(format.integer(i + 1))}: </span>${this.#nameOf(run, frame)}</span><span class="result">${result(run, i)}</span></button></li>`,
        )}
      </ol>
    </div>`;
  }

  #renderAnswers(frame: Frame): TemplateResult {
    const { format } = this;
    const words = this.strings.forgetting;
    return html`<div class="wide">
      <p class="heading">${words.answers.title} <span class="hint">${this.#nameOf(frame.runs[frame.hand]!, frame)}</span></p>
      ${beforeNow({
        caption: words.answers.title,
        columns: words.answers.columns,
        rows: frame.probes.map(({ task, prompt, answer }, i) => ({ question: prompt, note: words.tasks[task] ?? task, before: frame.before[i] ?? null, now: frame.answers?.[i] ?? null, expected: answer })),
        none: words.answers.untrained,
        words: words.answers,
        format,
      })}
    </div>`;
  }

  #renderMatrix(frame: Frame): TemplateResult {
    const { format } = this;
    const words = this.strings.forgetting;
    const { moments, tasks } = frame;
    const run = this.#nameOf(frame.runs[frame.hand]!, frame);
    const cell = (right: number, n: number) => html`<span class="cell" ${styled({ "--weight": `${Math.round((100 * right) / n)}%` })}>${format.share(right / n)}</span>`;
    return html`<div class="wide matrix">
      <p class="heading">${words.matrix.title} <span class="hint">${run}. ${words.matrix.hint}</span></p>
      ${moments.length === 0
        ? html`<p class="hint">${words.matrix.waiting}</p>`
        : table(words.matrix.name(run), [words.matrix.task, ...moments.map((step) => words.matrix.step(format.integer(step)))], tasks.map(({ name, n, right }) => [words.tasks[name] ?? name, ...right.map((count) => cell(count, n))]))}
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    [TAG]: Forgetting;
  }
}
