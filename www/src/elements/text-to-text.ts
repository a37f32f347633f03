/**
 * `<pretune-text-to-text>`: one model for four tasks, told what to do in words, beside four models with a task each. What happens
 * is in `src/widgets/text_to_text/`.
 */
import { html, nothing, unsafeCSS } from "lit";
import type { TemplateResult } from "lit";
import { Chart } from "../components/chart";
import { Live } from "../components/live";
import { Panels } from "../components/panel";
import { Pace, progress } from "../components/progress";
import { readout } from "../components/readout";
import { Same } from "../components/same";
import { Setup } from "../components/setup";
import { table } from "../components/table";
import { PretuneElement } from "../element";
import type { Asked, Command, Frame, Task } from "../frames/text-to-text";
import { store } from "../store";
import { figure } from "../styles/index";
import ownStyles from "../styles/text-to-text.css";
import type { Settings } from "../url-state";

const TAG = "pretune-text-to-text";
/** From here on, wordings are in no training. */
const FIRST_UNSEEN = 2;

/**
 * Trains one model for four tasks and four with one each, and lets the reader ask in words of their own.
 *
 * @tag pretune-text-to-text
 * @slot - What stands here without JavaScript, and whenever the figure cannot run.
 *
 * @attr {string} steps - Steps of the base.
 * @attr {string} seed - Decides texts, rows and weights; the same seed gives the same bits everywhere.
 * @attr {boolean} autoplay - Trains as soon as it is near, unless the reader prefers reduced motion.
 * @attr {string} hide - Parts to leave out: lead, train, start-over, ask, asked, tasks, numbers, meaning, settings.
 * @attr {"lazy"|"eager"|"manual"} loading - When the runtime starts: near the viewport, at once, or on request.
 * @attr {"auto"|"light"|"dark"} theme - `auto` follows the page's `color-scheme`.
 *
 * @fires pretune-ready - The figure can be used.
 * @fires pretune-step - At most ten times a second while it trains: `{step, steps, loss}`.
 * @fires pretune-complete - All models are trained: `{step, steps, loss, fingerprint, tasks}`.
 * @fires pretune-error - `{code, message, action}`.
 * @fires pretune-xapi - A complete xAPI statement.
 *
 * @csspart figure - The whole.
 * @csspart question - Its heading.
 * @csspart controls - The row of buttons.
 * @csspart button - Every button; `primary` the first.
 * @csspart stage - What is asked, answers and chart.
 * @csspart chart - A chart with its table.
 * @csspart readout - The numbers.
 * @csspart sentence - What you just saw, in one sentence.
 * @csspart panel - A part that opens; `summary` its title.
 * @csspart field - A labelled control.
 * @csspart table - Every table.
 * @csspart note - Something unusual.
 */
export class TextToText extends PretuneElement<Frame> {
  static override tag = TAG;
  static override styles = [...figure, unsafeCSS(ownStyles)];

  protected override readsModel = false;

  #live = new Live(this);
  #panels = new Panels(this);
  #chart = new Chart(this, TAG, "tasks");
  #same = new Same<object>();
  #pace = new Pace();
  #setup = new Setup(this, (attributes) => this.#configure(attributes));
  #task = 0;
  /** What the reader has written; until then, an example. */
  #wording: string | null = null;
  #text: string | null = null;

  protected override result(frame: Frame): Record<string, unknown> {
    return { ...super.result(frame), tasks: frame.tasks };
  }

  protected override received(frame: Frame): void {
    this.#pace.add(frame.step, 0, this.status === "training");
    if (frame.fingerprint && this.status === "training") this.#live.say(frame.summary);
  }

  async #configure(attributes: Settings): Promise<void> {
    await this.pause();
    await this.command<Command>({ type: "configure", attributes: { ...this.coreAttributes, ...attributes } }, true);
    this.changeSettings(attributes);
    this.#pace = new Pace();
  }

  #put(wording: string | null, text: string | null, task = this.#task): void {
    [this.#wording, this.#text, this.#task] = [wording, text, task];
    this.requestUpdate();
  }

  async #ask(wording: string, text: string): Promise<void> {
    await this.attempt(() => this.command<Command>({ type: "ask", wording, text }, true));
    if (this.notice) return;
    await this.updateComplete;
    const asked = this.frame?.asked.find((asked) => asked.wording === wording.trim() && asked.text === text.trim());
    this.#live.say(asked?.one ?? this.strings.textToText.ask.waiting);
  }

  protected override renderFigure(frame: Frame): TemplateResult {
    const { strings, format } = this;
    const words = strings.textToText;
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
        ${part("ask", () => this.#renderAsk(frame))}
        <div class="part">${part("tasks", () => this.#renderChart(frame))} ${part("numbers", () => this.#renderNumbers(frame))}</div>
        ${part("asked", () => this.#renderAsked(frame))}
      </div>
      <p class="sentence" part="sentence"><b>${strings.inOneSentence}</b>${frame.summary}${training && frame.learning !== null ? ` ${words.stage(words.stages[frame.learning] ?? "")}` : ""}</p>
      <p class="unseen" aria-live="polite">${this.#live.text}</p>
      ${notes.map((note) => (note ? html`<p class="note" part="note" role="status">${note}</p>` : nothing))}
      <div class="panels">
        ${panel("meaning", () => html`<ul class="points">${words.meaning.points.map((point) => html`<li>${point}</li>`)}</ul>`)}
        ${panel("settings", () => this.#setup.render({ config: frame.config, warnings: frame.warnings, words: words.settings }))}
      </div>
    </section>`;
  }

  #renderAsk({ tasks }: Frame): TemplateResult {
    const { ask: words, tasks: names } = this.strings.textToText;
    const { wordings, texts } = tasks[this.#task]!;
    const [wording, text] = [this.#wording ?? wordings[0] ?? "", this.#text ?? texts[0] ?? ""];
    const pick = (pressed: boolean, name: string, onclick: () => void, hint = "") =>
      html`<button type="button" part="button" aria-pressed=${pressed} @click=${onclick}>${name}${hint ? html` <small class="fresh">${hint}</small>` : nothing}</button>`;
    const typed = (event: Event) => (event.target as HTMLInputElement).value;
    const field = (label: string, hint: string, value: string, oninput: (value: string) => void) => html`<label class="field text" part="field">
      <span class="name">${label}</span> <span class="hint">${hint}</span>
      <input type="text" autocomplete="off" spellcheck="false" maxlength="160" .value=${value} @input=${(event: Event) => oninput(typed(event))} />
    </label>`;
    return html`<form
      class="part"
      @submit=${(event: Event) => {
        event.preventDefault();
        void this.#ask(wording, text);
      }}
    >
      <p class="heading">${words.title}</p>
      <div class="picks tasks" role="group" aria-label=${words.task}>${names.map((name, i) => pick(i === this.#task, name, () => this.#put(null, null, i)))}</div>
      ${field(words.wording, words.wordingHint, wording, (value) => this.#put(value, this.#text))}
      <div class="picks" role="group" aria-label=${words.wording}>${wordings.map((name, i) => pick(name === wording, name, () => this.#put(name, this.#text), i < FIRST_UNSEEN ? "" : words.fresh))}</div>
      ${field(words.text, words.textHint, text, (value) => this.#put(this.#wording, value))}
      <div class="picks" role="group" aria-label=${words.text}>${texts.map((name) => pick(name === text, name, () => this.#put(this.#wording, name)))}</div>
      <p class="row"><button part="button">${words.send}</button></p>
    </form>`;
  }

  #renderAsked({ asked }: Frame): TemplateResult {
    const { asked: words } = this.strings.textToText;
    const said = (answer: string | null, expected: string | null) => {
      if (answer === null) return html`<span class="hint">${words.none}</span>`;
      const text = html`<bdi>${answer || words.empty}</bdi>`;
      if (expected === null) return text;
      const right = answer === expected;
      return html`<span class=${right ? "yes" : "no"}><span aria-hidden="true">${right ? "✓" : "✗"}</span> ${text}<span class="unseen">, ${right ? words.right : words.wrong}</span></span>`;
    };
    const row = ({ wording, text, seen, base, one, expected }: Asked) => [
      html`<span class="wording"><bdi>${wording}</bdi></span> <bdi>${text}</bdi>${seen ? nothing : html` <span class="tag">${words.fresh}</span>`}`,
      // It goes on writing; that is neither right nor wrong.
      said(base, null),
      said(one, expected),
      html`<bdi>${expected ?? words.open}</bdi>`,
    ];
    return html`<div class="wide answers">
      <p class="heading">${words.title} <span class="hint">${words.hint}</span></p>
      ${table(words.title, words.columns, asked.map(row))}
    </div>`;
  }

  #renderChart({ tasks }: Frame): TemplateResult {
    const { strings, format } = this;
    const { chart: words, tasks: names, readout: none } = strings.textToText;
    const share = (value: number | null) => (value === null ? none.none : format.share(value));
    return this.#chart.render({
      frame: this.#same.of({ tasks: tasks.map(({ one, apart }) => ({ one, apart })) }),
      strings,
      name: words.name,
      title: words.title,
      hint: words.hint,
      table: () => table(words.name, words.columns, tasks.map(({ one, apart }, i) => [names[i] ?? "", ...[...one, ...apart].map(share)])),
    });
  }

  #renderNumbers({ tasks, parameters }: Frame): TemplateResult {
    const { format } = this;
    const { readout: words } = this.strings.textToText;
    const cell = (name: string, group: "one" | "apart", weights: number) => {
      const [known, unseen] = [0, 1].map((part) => mean(tasks, group, part as 0 | 1));
      const value = known === null || known === undefined ? words.none : format.share(known);
      const beside = unseen === null || unseen === undefined ? words.waiting : words.unseen(format.share(unseen));
      return [name, value, `${beside}; ${words.weights(format.integer(weights))}`] as const;
    };
    return readout([cell(words.one, "one", parameters), cell(words.apart, "apart", tasks.length * parameters)]);
  }
}

/** The mean over tasks, once all are there. */
function mean(tasks: readonly Task[], group: "one" | "apart", part: 0 | 1): number | null {
  const shares = tasks.map((task) => task[group][part]);
  return shares.includes(null) ? null : (shares as number[]).reduce((sum, share) => sum + share, 0) / shares.length;
}

declare global {
  interface HTMLElementTagNameMap {
    [TAG]: TextToText;
  }
}
