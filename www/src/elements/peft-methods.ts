/**
 * `<pretune-peft-methods>`: four ways to train a little beside a frozen base, and all of it for comparison. What happens is in
 * `src/widgets/peft_methods/`.
 */
import { html, nothing, unsafeCSS } from "lit";
import type { TemplateResult } from "lit";
import { beforeNow } from "../components/before-now";
import { Chart } from "../components/chart";
import { choice } from "../components/field";
import { Live } from "../components/live";
import { Pace, progress } from "../components/progress";
import { Same } from "../components/same";
import { table } from "../components/table";
import { Times } from "../components/times";
import { PretuneElement } from "../element";
import type { Command, Frame, Made, Task, Way } from "../frames/peft-methods";
import { store } from "../store";
import { figure } from "../styles/index";
import ownStyles from "../styles/peft-methods.css";

const TAG = "pretune-peft-methods";
/** Digits of a fingerprint that are enough to tell two apart. */
const N_DIGITS = 16;

/**
 * Trains LoRA, adapters, a prefix, a prompt and all weights on one base, and puts one after another on.
 *
 * @tag pretune-peft-methods
 * @slot - What stands here without JavaScript, and whenever the figure cannot run.
 *
 * @attr {string} seed - Decides which facts are trained, which are new, and the fresh tensors; the same seed gives the same bits everywhere.
 * @attr {string} model - `base` (ships with the page), `mine` (trained by the reader on this page), `random`, or the address of an exported folder or its zip.
 * @attr {string} steps - Steps in which each method tells what is known, 1 to 100; new facts take three times as many.
 * @attr {boolean} autoplay - Trains as soon as it is near, unless the reader prefers reduced motion.
 * @attr {string} hide - Parts to leave out: lead, train, start-over, task, chart, desk, fingerprint, costs.
 * @attr {"lazy"|"eager"|"manual"} loading - When the runtime starts: near the viewport, at once, or on request.
 * @attr {"auto"|"light"|"dark"} theme - `auto` follows the page's `color-scheme`.
 *
 * @fires pretune-ready - The figure can be used.
 * @fires pretune-step - At most ten times a second while it trains: `{step, steps, loss}`.
 * @fires pretune-complete - Every run is made: `{step, steps, loss, fingerprint, methods, runs}`.
 * @fires pretune-error - `{code, message, action}`.
 * @fires pretune-xapi - A complete xAPI statement.
 *
 * @csspart figure - The whole.
 * @csspart question - Its heading.
 * @csspart controls - The row of buttons.
 * @csspart button - Every button; `primary` the first.
 * @csspart stage - Switches, answers, the chart and the table.
 * @csspart chart - A chart with its table.
 * @csspart sentence - What you just saw, in one sentence.
 * @csspart field - A labelled control.
 * @csspart table - Every table.
 * @csspart note - Something unusual.
 */
export class PeftMethods extends PretuneElement<Frame> {
  static override tag = TAG;
  static override styles = [...figure, unsafeCSS(ownStyles)];

  #live = new Live(this);
  #chart = new Chart(this, TAG, "pareto");
  #same = new Same<Record<string, unknown>>();
  #pace = new Pace();
  #times = new Times();

  protected override result({ methods, runs, ...frame }: Frame): Record<string, unknown> {
    return { ...super.result({ methods, runs, ...frame }), methods, runs: runs.map(({ way, task, right, kept, rise }) => ({ way, task, right, kept, rise })) };
  }

  protected override received(frame: Frame): void {
    this.#pace.add(frame.step, 0, this.status === "training");
    this.#times.add(frame, this.status === "training");
    if (frame.step === 0) this.#times = new Times();
    if (frame.runs.slice(0, frame.methods.length).every(({ done }) => done)) this.#live.say(frame.summary);
    this.dataset["origin"] = frame.origin;
  }

  #send(command: Command): void {
    void this.attempt(() => this.command<Command>(command, true));
  }

  // ——— what the reader sees ———

  protected override renderFigure(frame: Frame): TemplateResult {
    const { strings } = this;
    const words = strings.peftMethods;
    const notes = [this.notice, words.origin[frame.origin], store.persistent ? "" : strings.notSaved];
    const part = (name: string, content: () => TemplateResult) => (this.hides(name) ? nothing : content());
    return html`<section class="figure" part="figure" lang=${strings.lang} dir=${strings.dir} aria-labelledby="question">
      <header>
        <h3 class="question" part="question" id="question">${words.question}</h3>
        ${part("lead", () => html`<p class="lead">${words.lead}</p>`)}
      </header>
      ${this.#renderControls(frame)}
      <div class="stage" part="stage">
        <div class="part">${part("chart", () => this.#renderChart(frame))}</div>
        <div class="part">${part("task", () => this.#renderTask(frame))} ${part("desk", () => this.#renderSwitch(frame))} ${part("fingerprint", () => this.#renderPrints(frame))}</div>
        ${part("costs", () => this.#renderCosts(frame))} ${part("desk", () => this.#renderAnswers(frame))}
      </div>
      <p class="sentence" part="sentence"><b>${strings.inOneSentence}</b>${frame.summary}</p>
      <p class="unseen" aria-live="polite">${this.#live.text}</p>
      ${notes.map((note) => (note ? html`<p class="note" part="note" role="status">${note}</p>` : nothing))}
    </section>`;
  }

  #renderControls(frame: Frame): TemplateResult {
    const { strings, format } = this;
    const words = strings.peftMethods;
    const training = this.status === "training";
    return html`<div class="controls" part="controls">
      ${this.hides("train") ? nothing : this.trainButton(words.train)}
      ${this.hides("start-over") ? nothing : html`<button part="button" title=${words.startOverHint} @click=${() => this.reset()}>${strings.startOver}</button>`}
      ${progress({ step: frame.step, steps: frame.steps, left: frame.steps - frame.step, training, pace: this.#pace, strings, format })}
    </div>`;
  }

  #renderTask({ task }: Frame): TemplateResult {
    const words = this.strings.peftMethods;
    return choice<Task>({
      label: words.task,
      name: "task",
      value: task,
      options: (["known", "new"] as const).map((value) => ({ value, label: words.tasks[value], hint: words.taskHints[value] })),
      onchange: (task) => this.#send({ type: "task", task }),
    });
  }

  /** The runs of the task in hand, in the order of the methods. */
  #inHand({ runs, methods, task }: Frame): Made[] {
    return runs.filter((run) => run.task === task).slice(0, methods.length);
  }

  #renderSwitch(frame: Frame): TemplateResult {
    const words = this.strings.peftMethods;
    const runs = this.#inHand(frame);
    const on = frame.on === null ? "none" : frame.methods[frame.on]!.way;
    const adapters = frame.methods.filter(({ way }) => way !== "full");
    return choice<Way | "none">({
      label: words.desk.title,
      name: "on",
      value: on,
      options: [
        { value: "none", label: words.desk.none },
        ...adapters.map(({ way }, i) => ({ value: way, label: words.names[way], hint: (runs[i]?.done && words.where[way]) || words.desk.waiting })),
      ],
      onchange: (way) => this.#send({ type: "adapter", way: way === "none" ? null : way }),
    });
  }

  #renderAnswers({ probes, before, answers, on, methods }: Frame): TemplateResult {
    const { format } = this;
    const { desk, groups, names } = this.strings.peftMethods;
    const name = on === null ? desk.none : names[methods[on]!.way];
    return html`<div class="wide">
      <p class="heading">${desk.title} <span class="hint">${name}</span></p>
      ${beforeNow({
        caption: `${desk.title}: ${name}`,
        columns: desk.columns,
        rows: probes.map(({ group, prompt, answer }, i) => ({ question: prompt, note: groups[group] ?? "", before: before[i] ?? null, now: answers?.[i] ?? null, expected: answer })),
        none: desk.untrained,
        words: desk,
        format,
      })}
    </div>`;
  }

  #renderPrints({ base_before, base_after, n_switched }: Frame): TemplateResult {
    const words = this.strings.peftMethods.print;
    const code = (print: string) => html`<code title=${print}>${print.slice(0, N_DIGITS)}…</code>`;
    const same = base_after === base_before;
    return html`<div>
      <p class="heading">${words.title}</p>
      <dl class="prints">
        <dt>${words.before}</dt>
        <dd>${code(base_before)}</dd>
        ${base_after === null ? nothing : html`<dt>${n_switched === 0 ? words.end : words.after(this.format.integer(n_switched))}</dt><dd>${code(base_after)} <span class=${same ? "same" : "other"}>${same ? words.same : words.other}</span></dd>`}
      </dl>
    </div>`;
  }

  #renderChart({ methods, runs, asked, on }: Frame): TemplateResult {
    const { strings, format } = this;
    const words = strings.peftMethods;
    const name = words.chart.name(format.integer(runs.filter(({ done }) => done).length));
    const share = (task: number, i: number) => {
      const right = runs[task * methods.length + i]?.right ?? null;
      return right === null ? "–" : format.share(right / (asked[task] || 1));
    };
    return this.#chart.render({
      frame: this.#same.of({ methods: methods.map(({ trained }) => ({ trained })), runs: runs.map(({ right }) => ({ right })), asked, on }),
      strings,
      name,
      title: words.chart.title,
      hint: words.chart.hint,
      table: () => table(name, words.chart.columns, methods.map(({ way, trained }, i) => [words.names[way], format.integer(trained), share(0, i), share(1, i)])),
    });
  }

  #renderCosts(frame: Frame): TemplateResult {
    const { format } = this;
    const words = this.strings.peftMethods;
    const { of, merges } = words.table;
    const { methods, asked, right, task, on, kept, n_capitals, learning } = frame;
    const at = task === "known" ? 0 : 1;
    const n = asked[at] ?? 0;
    const runs = this.#inHand(frame);
    const count = (value: number | null, all: number) => (value === null ? "–" : of(format.integer(value), format.integer(all)));
    const seconds = (i: number) => {
      const place = at * methods.length + i;
      const ms = this.#times.ms.get(place);
      return ms === undefined || place === learning ? "–" : format.time(ms / 1000);
    };
    const rows = methods.map(({ way, trained, share, optimizer_bytes, file_bytes, merges: does }, i) => {
      const run = runs[i]!;
      return [
        html`<span class="name ${i === on ? "on" : ""}">${words.names[way]}</span>`,
        format.integer(trained),
        format.fine(share),
        format.bytes(optimizer_bytes),
        format.bytes(file_bytes),
        count(run.right, n),
        count(run.kept, n_capitals),
        run.rise === null ? "–" : format.change(run.rise),
        seconds(i),
        way === "full" ? merges.full : does ? merges.yes : merges.no,
      ];
    });
    return html`<div class="wide costs">
      <p class="heading">${words.table.title} <span class="hint">${words.tasks[task]}</span></p>
      ${table(words.table.caption(words.tasks[task]), words.table.columns, rows)}
      <p class="hint below">${words.table.base(of(format.integer(right[at] ?? 0), format.integer(n)), of(format.integer(kept), format.integer(n_capitals)))}</p>
      <details class="more">
        <summary>${words.meaning}</summary>
        <dl class="meanings">${Object.entries(words.measures).map(([name, meaning]) => html`<div><dt>${name}</dt><dd>${meaning}</dd></div>`)}</dl>
      </details>
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    [TAG]: PeftMethods;
  }
}
