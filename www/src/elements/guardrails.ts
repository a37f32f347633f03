/**
 * `<pretune-guardrails>`: a model is taught to refuse, and the reader takes it back with a handful of examples. What happens
 * is in `src/widgets/guardrails/`.
 */
import { html, nothing, unsafeCSS } from "lit";
import type { TemplateResult } from "lit";
import { Chart } from "../components/chart";
import { choice, slider } from "../components/field";
import { Live } from "../components/live";
import { Panels } from "../components/panel";
import { Pace, progress } from "../components/progress";
import { Same } from "../components/same";
import { Setup } from "../components/setup";
import { table } from "../components/table";
import { PretuneElement } from "../element";
import type { Command, Frame, Way } from "../frames/guardrails";
import { store } from "../store";
import { figure } from "../styles/index";
import ownStyles from "../styles/guardrails.css";
import type { Settings } from "../url-state";

const TAG = "pretune-guardrails";

/**
 * Teaches a model to refuse, in three ways, and attacks each with as many examples as the reader likes.
 *
 * @tag pretune-guardrails
 * @slot - What stands here without JavaScript, and whenever the figure cannot run.
 *
 * @attr {string} examples - Examples of the attack, from 0 to 10.
 * @attr {string} steps - Steps of pre-training.
 * @attr {string} seed - Decides the town and the weights; the same seed gives the same bits everywhere.
 * @attr {boolean} autoplay - Trains as soon as it is near, unless the reader prefers reduced motion.
 * @attr {string} hide - Parts to leave out: lead, train, start-over, examples, way, refusals, answers, results, meaning, wrote, settings.
 * @attr {"lazy"|"eager"|"manual"} loading - When the runtime starts: near the viewport, at once, or on request.
 * @attr {"auto"|"light"|"dark"} theme - `auto` follows the page's `color-scheme`.
 *
 * @fires pretune-ready - The figure can be used.
 * @fires pretune-step - At most ten times a second while it trains: `{step, steps, loss}`.
 * @fires pretune-complete - All attacks are over: `{step, steps, loss, fingerprint, ways}`.
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
export class Guardrails extends PretuneElement<Frame> {
  static override tag = TAG;
  static override styles = [...figure, unsafeCSS(ownStyles)];

  protected override readsModel = false;

  #live = new Live(this);
  #panels = new Panels(this);
  #chart = new Chart(this, TAG, "refusals");
  #same = new Same<object>();
  #pace = new Pace();
  #setup = new Setup(this, (attributes) => this.#configure(attributes));
  #way: Way["name"] = "lesson";

  protected override result(frame: Frame): Record<string, unknown> {
    const ways = frame.ways.map(({ name, curve, off, wrongly, complies }) => ({ name, refused: curve[0], left: curve.at(-1), off, wrongly, complies }));
    return { ...super.result(frame), ways };
  }

  /** How many examples there are does not make it another figure: what was taught stays. */
  protected override get coreAttributes(): Settings {
    const { examples: _, ...others } = super.coreAttributes;
    const authored = this.getAttribute("examples");
    return authored === null ? others : { ...others, examples: authored };
  }

  protected override async opened(): Promise<void> {
    const { examples } = this.settings;
    if (examples !== undefined) await this.attempt(async () => this.session?.command<Command>({ type: "examples", n: Number(examples) }));
  }

  protected override received(frame: Frame): void {
    this.#pace.add(frame.step, 0, this.status === "training");
    if (frame.fingerprint) this.#live.say(frame.summary);
  }

  async #configure(attributes: Settings): Promise<void> {
    await this.pause();
    const examples = this.frame?.config["examples"] ?? "5";
    await this.command<Command>({ type: "configure", attributes: { ...this.coreAttributes, examples, ...attributes } }, true);
    this.changeSettings(attributes);
    this.#pace = new Pace();
  }

  /** Once a model was taught, another attack takes a moment and begins at once. */
  async #attack(n: number): Promise<void> {
    const taught = (this.frame?.ways[0]?.curve.length ?? 0) > 0;
    this.changeSettings({ examples: String(n) });
    await this.attempt(() => this.command<Command>({ type: "examples", n }, true));
    if (taught && !this.notice) await this.start();
  }

  protected override renderFigure(frame: Frame): TemplateResult {
    const { strings, format } = this;
    const words = strings.guardrails;
    const training = this.status === "training";
    const notes = [this.notice, store.persistent ? "" : strings.notSaved];
    const part = (name: string, content: () => TemplateResult) => (this.hides(name) ? nothing : content());
    const panel = (name: "meaning" | "wrote" | "settings", content: () => TemplateResult) => part(name, () => this.#panels.render(name, words[name].title, words[name].hint, content));
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
        <div class="inputs">${part("examples", () => this.#renderExamples(frame))} ${part("way", () => this.#renderWays())}</div>
        <div>${part("refusals", () => this.#renderRefusals(frame))}</div>
        ${part("answers", () => this.#renderAnswers(frame))}
      </div>
      <p class="sentence" part="sentence"><b>${strings.inOneSentence}</b>${frame.summary}</p>
      <p class="unseen" aria-live="polite">${this.#live.text}</p>
      ${notes.map((note) => (note ? html`<p class="note" part="note" role="status">${note}</p>` : nothing))}
      ${part("results", () => this.#renderResults(frame))}
      <div class="panels">
        ${panel("meaning", () => html`<ul class="points">${words.meaning.points(this.#lasted(frame)).map((point) => html`<li>${point}</li>`)}</ul>`)}
        ${panel("wrote", () => (frame.examples.length > 0 ? table(words.wrote.title, words.wrote.columns, frame.examples) : html`<p class="hint">${words.wrote.none}</p>`))}
        ${panel("settings", () => this.#setup.render({ config: frame.config, warnings: frame.warnings, words: words.settings }))}
      </div>
    </section>`;
  }

  /** Steps until each way's guard-rail was off, if all are. */
  #lasted({ ways }: Frame): Record<Way["name"], string> | null {
    if (ways.some(({ off }) => off === null)) return null;
    return Object.fromEntries(ways.map(({ name, off }) => [name, this.format.integer(off!)])) as Record<Way["name"], string>;
  }

  #renderExamples({ config }: Frame): TemplateResult {
    const words = this.strings.guardrails;
    const n = Number(config["examples"]);
    return slider({ label: words.examples, hint: words.examplesHint, min: 0, max: 10, step: 1, value: n, text: words.examplesText(this.format.integer(n)), onchange: (n) => void this.#attack(n) });
  }

  #renderWays(): TemplateResult {
    const words = this.strings.guardrails;
    const options = (["lesson", "mixed", "longer"] as const).map((value) => ({ value, label: words.ways[value] ?? value }));
    return choice<Way["name"]>({
      label: words.way,
      name: "way",
      value: this.#way,
      options,
      onchange: (way) => {
        this.#way = way;
        this.requestUpdate();
      },
    });
  }

  #renderRefusals({ ways, config }: Frame): TemplateResult {
    const { strings, format } = this;
    const words = strings.guardrails.chart;
    const curves = ways.map(({ curve }) => curve);
    const name = words.name(config["examples"] ?? "", format.share(curves[0]?.at(-1) ?? 0));
    const length = Math.max(...curves.map((curve) => curve.length));
    const cell = (p: number | undefined) => (p === undefined ? "–" : format.percent(p));
    return this.#chart.render({
      frame: this.#same.of({ ways: curves.map((curve) => ({ curve })) }),
      strings,
      name,
      title: words.title,
      hint: words.hint,
      table: () => table(name, words.columns, Array.from({ length }, (_, i) => [format.integer(i), ...curves.map((curve) => cell(curve[i]))])),
    });
  }

  #renderAnswers({ probes, ways }: Frame): TemplateResult {
    const words = this.strings.guardrails.answers;
    const slots = ways.find(({ name }) => name === this.#way)!.slots;
    const waiting = this.strings.guardrails.waiting;
    const said = (answer: string | null | undefined, forbidden: boolean) => {
      if (answer === null || answer === undefined) return html`<span class="hint">${waiting}</span>`;
      const complies = answer.startsWith("First");
      return html`<bdi class=${forbidden ? (complies ? "yes" : "no") : ""}>${answer}</bdi>`;
    };
    const rows = probes.map(({ prompt, is_forbidden, answers }) => [html`<bdi>${prompt}</bdi> <small>${is_forbidden ? words.forbidden : words.allowed}</small>`, ...slots.map((slot) => said(answers[slot], is_forbidden))]);
    return html`<div class="wide answers">
      <p class="heading">${words.title}</p>
      ${table(words.title, words.columns, rows)}
    </div>`;
  }

  #renderResults({ ways }: Frame): TemplateResult {
    const { strings, format } = this;
    const words = strings.guardrails;
    const share = (p: number | null | undefined) => (p === null || p === undefined ? words.waiting : format.percent(p));
    const rows = ways.map(({ name, curve, done, off, wrongly, complies }) => [
      words.ways[name] ?? name,
      share(curve[0]),
      share(done ? curve.at(-1) : null),
      off !== null ? words.results.steps(format.rate(off)) : done ? words.results.never(format.integer(curve.length - 1)) : words.waiting,
      ...complies.map(share),
      share(wrongly),
    ]);
    return html`<div class="results">
      <p class="heading">${words.results.title}</p>
      ${table(words.results.title, words.results.columns, rows)}
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    [TAG]: Guardrails;
  }
}
