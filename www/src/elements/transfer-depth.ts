/**
 * `<pretune-transfer-depth>`: a bet on how deep one should fine-tune, and all depths trained. What happens is in
 * `src/widgets/transfer_depth/`.
 */
import { html, nothing, unsafeCSS } from "lit";
import type { TemplateResult } from "lit";
import { Chart } from "../components/chart";
import { Live } from "../components/live";
import { Pace, progress } from "../components/progress";
import { readout } from "../components/readout";
import { Same } from "../components/same";
import { styled } from "../components/styled";
import { table } from "../components/table";
import { PretuneElement } from "../element";
import type { Case, Command, Frame, Method } from "../frames/transfer-depth";
import { store } from "../store";
import { figure } from "../styles/index";
import ownStyles from "../styles/transfer-depth.css";
import type { Settings } from "../url-state";

const TAG = "pretune-transfer-depth";
/** What guessing gets. */
const GUESS = 0.5;

/**
 * Has the reader choose how much data there is and how far the task is from home, bet on a depth, and train all of them;
 * rules of thumb are held against what comes out.
 *
 * @tag pretune-transfer-depth
 * @slot - What stands here without JavaScript, and whenever the figure cannot run. A `pretune-checklist` in it stays below the figure.
 *
 * @attr {string} seed - Decides which texts are labelled; the same seed gives the same bits everywhere.
 * @attr {string} model - `base` (ships with the page), `mine` (trained by the reader on this page), `random`, or the address of an exported folder or its zip.
 * @attr {string} domain - Whether the new task is `near` to what the model has read, or `far`, at first.
 * @attr {string} labels - How many labels there are at first: 4, 16, 64 or 256.
 * @attr {boolean} autoplay - Trains as soon as it is near, unless the reader prefers reduced motion.
 * @attr {string} hide - Parts to leave out: lead, train, start-over, cases, depths, rules, record, curves, texts.
 * @attr {"lazy"|"eager"|"manual"} loading - When the runtime starts: near the viewport, at once, or on request.
 * @attr {"auto"|"light"|"dark"} theme - `auto` follows the page's `color-scheme`.
 *
 * @fires pretune-ready - The figure can be used.
 * @fires pretune-step - At most ten times a second while it trains: `{step, steps, loss}`.
 * @fires pretune-complete - All depths of a case are known: `{step, steps, loss, fingerprint, case, placed, won}`.
 * @fires pretune-error - `{code, message, action}`.
 * @fires pretune-xapi - A complete xAPI statement.
 *
 * @csspart figure - The whole.
 * @csspart question - Its heading.
 * @csspart controls - The row of buttons.
 * @csspart button - Every button; `primary` the first.
 * @csspart stage - Cases, depths, rules and the chart.
 * @csspart chart - A chart with its table.
 * @csspart readout - The numbers.
 * @csspart sentence - What you just saw, in one sentence.
 * @csspart field - A labelled control.
 * @csspart table - Every table.
 * @csspart note - Something unusual.
 */
export class TransferDepth extends PretuneElement<Frame> {
  static override tag = TAG;
  static override styles = [...figure, unsafeCSS(ownStyles)];

  /** Who has seen how it ends cannot bet. */
  protected override rests = false;

  #live = new Live(this);
  #chart = new Chart(this, TAG, "curves");
  #same = new Same<Record<string, unknown>>();
  #pace = new Pace();

  protected override result(frame: Frame): Record<string, unknown> {
    const { cases, hand, placed, won } = frame;
    return { ...super.result(frame), case: cases[hand], placed, won };
  }

  /** Which case is looked at does not make it another figure, so the cases that were kept stay. */
  protected override get coreAttributes(): Settings {
    const { domain: _, labels: __, ...others } = super.coreAttributes;
    const authored = (name: string) => (this.hasAttribute(name) ? { [name]: this.getAttribute(name)! } : {});
    return { ...others, ...authored("domain"), ...authored("labels") };
  }

  protected override async opened(): Promise<void> {
    const { domain, labels } = this.settings;
    if (domain === undefined && labels === undefined) return;
    const authored = { domain: "near", labels: "4", ...this.coreAttributes };
    await this.attempt(async () => this.session?.command<Command>({ type: "case", domain: domain ?? authored.domain, labels: labels ?? authored.labels }));
  }

  protected override received(frame: Frame): void {
    this.#pace.add(frame.step, 0, this.status === "training");
    if (frame.fingerprint !== null) this.#live.say(frame.summary);
    this.dataset["origin"] = frame.origin;
  }

  // ——— what the reader does ———

  async #take({ domain, labels }: Case): Promise<void> {
    if (this.status === "training") await this.pause();
    this.changeSettings({ domain, labels: String(labels) });
    await this.attempt(() => this.command<Command>({ type: "case", domain, labels: String(labels) }, true));
  }

  #bet(method: Method): void {
    void this.attempt(() => this.command<Command>({ type: "bet", method }, true));
  }

  // ——— what the reader sees ———

  protected override renderFigure(frame: Frame): TemplateResult {
    const { strings } = this;
    const words = strings.transferDepth;
    const notes = [this.notice, words.origin[frame.origin], store.persistent ? "" : strings.notSaved];
    const part = (name: string, content: () => TemplateResult) => (this.hides(name) ? nothing : content());
    return html`<section class="figure" part="figure" lang=${strings.lang} dir=${strings.dir} aria-labelledby="question">
        <header>
          <h3 class="question" part="question" id="question">${words.question}</h3>
          ${part("lead", () => html`<p class="lead">${words.lead}</p>`)}
        </header>
        ${this.#renderControls(frame)}
        <div class="stage" part="stage">
          <div class="part">${part("cases", () => this.#renderCases(frame))} ${part("depths", () => this.#renderDepths(frame))}</div>
          <div class="part">
            ${part("rules", () => this.#renderRules(frame))} ${part("curves", () => this.#renderCurves(frame))} ${part("record", () => this.#renderRecord(frame))}
          </div>
          ${part("texts", () => this.#renderTexts(frame))}
        </div>
        <p class="sentence" part="sentence"><b>${strings.inOneSentence}</b>${frame.summary}</p>
        <p class="unseen" aria-live="polite">${this.#live.text}</p>
        ${notes.map((note) => (note ? html`<p class="note" part="note" role="status">${note}</p>` : nothing))}
      </section>
      ${this.querySelector("pretune-checklist") ? html`<slot></slot>` : nothing}`;
  }

  #renderControls(frame: Frame): TemplateResult {
    const { strings, format } = this;
    const words = strings.transferDepth;
    const training = this.status === "training";
    return html`<div class="controls" part="controls">
      ${this.hides("train") ? nothing : this.trainButton(words.train)}
      ${this.hides("start-over") ? nothing : html`<button part="button" title=${words.startOverHint} @click=${() => this.reset()}>${strings.startOver}</button>`}
      ${progress({ step: frame.step, steps: frame.steps, left: frame.steps - frame.step, training, pace: this.#pace, strings, format })}
    </div>`;
  }

  #names(methods: readonly Method[], between: string): string {
    return methods.map((method) => this.strings.transferDepth.methods[method].short).join(between);
  }

  #renderCases({ cases, hand }: Frame): TemplateResult {
    const { format } = this;
    const words = this.strings.transferDepth;
    const found = ({ best }: Case) => (best.length === 0 ? words.untried : best.length === 1 ? words.methods[best[0]!].short : best.length === 5 ? words.all : words.several(format.integer(best.length)));
    const said = (one: Case) => words.cell(words.domains[one.domain], format.integer(one.labels), one.best.length === 0 ? words.notTried : words.best(this.#names(one.best, ", ")));
    const bet = ({ bet, won }: Case) => (won === null ? (bet === null ? nothing : html`<span aria-hidden="true">●</span>`) : html`<span class=${won ? "won" : "lost"}>${won ? "✓" : "✗"}<span class="unseen"> ${words.yours}</span></span>`);
    const cell = (one: Case, i: number) =>
      html`<td><button part="button" class=${one.best.length ? "" : "untried"} aria-pressed=${i === hand} @click=${() => this.#take(one)}><span class="unseen">${said(one)}</span><span aria-hidden="true">${found(one)}</span>${bet(one)}</button></td>`;
    const row = (domain: "near" | "far") => html`<tr><th scope="row">${words.domains[domain]}</th>${cases.map((one, i) => (one.domain === domain ? cell(one, i) : nothing))}</tr>`;
    const columns = cases.filter(({ domain }) => domain === "near");
    return html`<div>
      <p class="heading">${words.cases} <span class="hint">${words.tasks[cases[hand]!.domain]}</span></p>
      <table class="cases" part="table">
        <caption class="unseen">${words.cases}</caption>
        <thead>
          <tr><td></td>${columns.map(({ labels }, i) => html`<th scope="col">${format.integer(labels)}<small>${words.amounts[i]}</small></th>`)}</tr>
        </thead>
        <tbody>${row("near")} ${row("far")}</tbody>
      </table>
      <p class="hint">${words.casesHint}</p>
    </div>`;
  }

  #renderDepths({ methods, cases, hand, learning }: Frame): TemplateResult {
    const { format } = this;
    const words = this.strings.transferDepth;
    const { bet, results, best } = cases[hand]!;
    const closed = results.some((result) => result !== null);
    return html`<fieldset class="depths" part="field" ?disabled=${closed}>
      <legend>${words.bet} <span class="hint">${closed ? words.closed : words.betHint}</span></legend>
      ${methods.map(({ method, trained, step, steps }, i) => {
        const { name, hint } = words.methods[method];
        const result = results[i] ?? null;
        const width = result !== null ? (result - GUESS) / (1 - GUESS) : i === learning ? step / steps : 0;
        const value = result !== null ? format.share(result) : i === learning ? words.running(format.integer(step), format.integer(steps)) : "";
        return html`<label class="depth ${bet === method ? "bet" : ""}">
          <input type="radio" name="bet" .checked=${bet === method} @change=${() => this.#bet(method)} />
          <span class="name"><b>${name}</b> <span class="hint">${hint}; ${words.trained(format.integer(trained))}</span></span>
          <span class="value ${result === null ? "hint" : ""}">${value}${best.includes(method) ? html` <small>✓ ${words.winner}</small>` : nothing}</span>
          <span class="track" aria-hidden="true"><span class="fill ${result === null ? "under-way" : ""}" ${styled({ "inline-size": `${(100 * Math.max(0, width)).toFixed(1)}%` })}></span></span>
        </label>`;
      })}
      <p class="hint">${words.guess}</p>
    </fieldset>`;
  }

  #renderRules({ cases, hand }: Frame): TemplateResult {
    const { format } = this;
    const words = this.strings.transferDepth;
    const { title, amount, domain, or, holds, fails, open } = words.rules;
    const { labels, rules } = cases[hand]!;
    const verdict = (held: boolean | null) => (held === null ? html`<span class="verdict hint">${open}</span>` : html`<span class="verdict ${held ? "won" : "lost"}">${held ? `✓ ${holds}` : `✗ ${fails}`}</span>`);
    return html`<div>
      <p class="heading">${title}</p>
      <ul class="rules">
        ${rules.map(({ named, holds }, i) => html`<li><span class="hint">${i === 0 ? amount(format.integer(labels), words.amounts[hand % words.amounts.length]!) : domain}</span> <span class="named">${named.map((method) => words.methods[method].name).join(or)}</span> ${verdict(holds)}</li>`)}
      </ul>
    </div>`;
  }

  #renderRecord({ placed, won, cases, n_test, n_draws }: Frame): TemplateResult {
    const { format } = this;
    const words = this.strings.transferDepth;
    const { bets, of, none } = words.record;
    const tried = cases.filter(({ best }) => best.length > 0).length;
    return html`<div class="record">
      ${readout([
        [bets, placed === 0 ? "–" : of(format.integer(won), format.integer(placed)), placed === 0 ? none : ""],
        [words.record.cases, of(format.integer(tried), format.integer(cases.length)), ""],
      ])}
      <details class="more">
        <summary>${words.meaning}</summary>
        <p class="hint">${n_draws === 1 ? words.methodOne(format.integer(n_test)) : words.method(format.integer(n_test), format.integer(n_draws))}</p>
      </details>
    </div>`;
  }

  #renderCurves({ cases, hand, methods }: Frame): TemplateResult {
    const { strings, format } = this;
    const words = strings.transferDepth;
    const { domain } = cases[hand]!;
    const tried = cases.filter((one) => one.domain === domain);
    const name = words.chart.name(words.domains[domain], format.integer(tried.filter(({ best }) => best.length > 0).length));
    return this.#chart.render({
      frame: this.#same.of({ hand, cases: cases.map(({ bet, results }) => ({ bet, results })) }),
      strings,
      name,
      title: words.chart.title,
      hint: words.chart.hint[domain],
      table: () => table(name, [words.chart.labels, ...methods.map(({ method }) => words.methods[method].short)], tried.map(({ labels, results }) => [format.integer(labels), ...results.map((result) => (result === null ? "–" : format.share(result)))])),
    });
  }

  #renderTexts({ texts, cases, hand }: Frame): TemplateResult {
    const words = this.strings.transferDepth.texts;
    const { domain } = cases[hand]!;
    return html`<div class="wide texts">
      <p class="heading">${words.title}</p>
      ${table(words.title, words.columns, texts.map((one) => [html`<bdi>${one.text}</bdi>`, words.classes[domain][one.class] ?? ""]))}
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    [TAG]: TransferDepth;
  }
}
