/**
 * `<pretune-training-cost>`: a calculator of what training takes, with the lesson's table beside what was published. Trains
 * nothing; the formulas are in `src/experiments/cost.rs`.
 */
import { html, nothing, unsafeCSS } from "lit";
import type { TemplateResult } from "lit";
import { select, slider, textField } from "../components/field";
import { Live } from "../components/live";
import { Panels } from "../components/panel";
import { readout } from "../components/readout";
import { table } from "../components/table";
import { PretuneElement } from "../element";
import type { Command, Frame, Row } from "../frames/training-cost";
import { figure } from "../styles/index";
import ownStyles from "../styles/training-cost.css";
import type { Settings } from "../url-state";

const TAG = "pretune-training-cost";

/** The speed of this device is told again if it is off by so much. */
const NEWS = 0.1;

/**
 * Calculates what a training run takes: operations, device-hours, money, energy, carbon; and who can afford it.
 *
 * @tag pretune-training-cost
 * @slot - What stands here without JavaScript, and whenever the figure cannot run.
 *
 * @attr {string} run - A published run to begin with: `bert-base`, `gpt-2`, `gpt-3`, `palm` or `bloom`.
 * @attr {string} parameters - Weights of the model.
 * @attr {string} tokens - Tokens that it reads, repetitions included.
 * @attr {string} device - `v100`, `a100`, `tpu-v3` or `tpu-v4`.
 * @attr {string} utilization - Share of the device's peak that is reached.
 * @attr {string} price - Dollars for an hour of a device, or `cloud`.
 * @attr {string} pue - What the building needs, over what its computers need.
 * @attr {string} grid - Grams of carbon dioxide in a kilowatt-hour.
 * @attr {string} hide - Parts to leave out: lead, runs, start-over, inputs, bill, rows, budgets, how.
 * @attr {"lazy"|"eager"|"manual"} loading - When the runtime starts: near the viewport, at once, or on request.
 * @attr {"auto"|"light"|"dark"} theme - `auto` follows the page's `color-scheme`.
 *
 * @fires pretune-ready - The figure can be used.
 * @fires pretune-complete - Something was calculated: `{step, steps, loss, fingerprint}`.
 * @fires pretune-error - `{code, message, action}`.
 *
 * @csspart figure - The whole.
 * @csspart question - Its heading.
 * @csspart controls - The row of buttons.
 * @csspart button - Every button.
 * @csspart stage - Controls, numbers and tables.
 * @csspart readout - The numbers.
 * @csspart sentence - What you just saw, in one sentence.
 * @csspart panel - A part that opens; `summary` its title.
 * @csspart field - A labelled control.
 * @csspart table - Every table.
 * @csspart note - Something unusual.
 */
export class TrainingCost extends PretuneElement<Frame> {
  static override tag = TAG;
  static override styles = [...figure, unsafeCSS(ownStyles)];

  protected override readsModel = false;

  #live = new Live(this);
  #panels = new Panels(this);
  #told_ms = 0;

  protected override received(frame: Frame): void {
    this.#live.say(frame.summary);
    const step_ms = this.pace?.step_ms;
    if (!step_ms || Math.abs(step_ms - this.#told_ms) < NEWS * this.#told_ms) return;
    this.#told_ms = step_ms;
    void this.attempt(async () => this.session?.command<Command>({ type: "speed", step_ms }));
  }

  /** Another published run takes everything with it; any other setting joins those in force. */
  #set(change: Record<string, string>): void {
    const others = "run" in change ? Object.keys(this.frame?.config ?? {}).map((name): [string, null] => [name, null]) : [];
    this.changeSettings({ ...Object.fromEntries(others), ...change });
    const attributes: Settings = "run" in change ? change : this.coreAttributes;
    void this.attempt(async () => {
      await this.command<Command>({ type: "configure", attributes }, true);
      // There is no run to come to an end: who has calculated something has done what there is to do.
      if (this.frame) this.emit("complete", this.result(this.frame));
    });
  }

  protected override renderFigure(frame: Frame): TemplateResult {
    const { strings } = this;
    const words = strings.trainingCost;
    const part = (name: string, content: () => TemplateResult) => (this.hides(name) ? nothing : content());
    return html`<section class="figure" part="figure" lang=${strings.lang} dir=${strings.dir} aria-labelledby="question">
      <header>
        <h3 class="question" part="question" id="question">${words.question}</h3>
        ${part("lead", () => html`<p class="lead">${words.lead}</p>`)}
      </header>
      <div class="runs" part="controls">
        ${part("runs", () => this.#renderRuns(frame))} ${part("start-over", () => html`<button part="button" @click=${() => this.reset()}>${strings.startOver}</button>`)}
      </div>
      <div class="stage" part="stage">
        ${part("inputs", () => this.#renderInputs(frame))} ${part("bill", () => this.#renderBill(frame))}
      </div>
      <p class="sentence" part="sentence"><b>${strings.inOneSentence}</b>${frame.summary}</p>
      <p class="unseen" aria-live="polite">${this.#live.text}</p>
      ${this.notice ? html`<p class="note" part="note" role="status">${this.notice}</p>` : nothing}
      <div class="stage">${part("rows", () => this.#renderRows(frame))} ${part("budgets", () => this.#renderBudgets(frame))}</div>
      <div class="panels">${part("how", () => this.#panels.render("how", words.how.title, words.how.hint, () => this.#renderHow(frame)))}</div>
    </section>`;
  }

  #renderRuns({ rows, run }: Frame): TemplateResult {
    const words = this.strings.trainingCost;
    return html`<div class="runs" role="group" aria-label=${words.runs}>
      <span class="hint">${words.runs}</span>
      ${rows.map(({ key, name, flops }) => (flops === null ? nothing : html`<button part="button" aria-pressed=${key === run} @click=${() => this.#set({ run: key })}>${name}</button>`))}
    </div>`;
  }

  #renderInputs({ config, devices, grids }: Frame): TemplateResult {
    const { strings, format } = this;
    const words = strings.trainingCost;
    const logarithmic = (name: string, label: string, hint: string, [min, max]: [number, number]) => {
      const value = Number(config[name]);
      const onchange = (log: number) => this.#set({ [name]: String(Number((10 ** log).toPrecision(3))) });
      return slider({ label, hint, min, max, step: 0.01, value: Math.log10(value), text: format.compact(value), onchange });
    };
    const device = devices.findIndex(({ key }) => key === config["device"]);
    const [low, high] = devices[device]!.dollars_per_hour;
    const share = Number(config["utilization"]);
    const grid = grids.findIndex(([, grams]) => grams === Number(config["grid"]));
    const names = grids.map(([key, grams]) => words.grams(words.grids[key] ?? key, format.decimal(grams)));
    if (grid < 0) names.push(words.grams(words.ownGrid, format.decimal(Number(config["grid"]))));
    return html`<div class="inputs">
      ${logarithmic("parameters", words.parameters, "", [5, 13])} ${logarithmic("tokens", words.tokens, words.tokensHint, [6, 14])}
      ${select({ label: words.device, value: device, count: devices.length, names: devices.map(({ name }) => name), onchange: (i) => this.#set({ device: devices[i]!.key }) })}
      ${slider({ label: words.utilization, hint: words.utilizationHint, min: 5, max: 100, step: 1, value: 100 * share, text: format.share(share), onchange: (value) => this.#set({ utilization: String(value / 100) }) })}
      ${textField({
        label: words.ownPrice,
        hint: words.priceHint(words.dollars(format.decimal(low)), words.dollars(format.decimal(high))),
        value: config["price"] === "cloud" ? "" : (config["price"] ?? ""),
        onchange: (value) => this.#set({ price: value === "" ? "cloud" : value }),
      })}
      ${select({ label: words.grid, value: grid < 0 ? grids.length : grid, count: names.length, names, onchange: (i) => grids[i] && this.#set({ grid: String(grids[i][1]) }) })}
    </div>`;
  }

  #renderBill({ bill, tab, config }: Frame): TemplateResult {
    const { format } = this;
    const words = this.strings.trainingCost;
    return html`<div class="bill">
      ${readout([
        [words.bill.flops, this.#power(bill.flops), words.bill.flopsNote(format.compact(tab.times))],
        [words.bill.hours, format.compact(bill.device_hours), words.bill.hoursNote(format.rate(bill.days), format.integer(bill.n_devices))],
        [words.bill.dollars, this.#dollars(bill.dollars), words.bill.dollarsNote],
        [words.bill.energy, words.kilowattHours(format.compact(bill.kilowatt_hours)), words.bill.energyNote(config["pue"] ?? "")],
        [words.bill.tons, words.tonsOf(format.rate(bill.tons)), words.bill.tonsNote(config["grid"] ?? "")],
        [words.bill.tab, words.bill.years(format.compact(tab.years)), words.bill.tabNote],
      ])}
    </div>`;
  }

  #renderRows({ rows, run, tab }: Frame): TemplateResult {
    const { format } = this;
    const words = this.strings.trainingCost;
    const number = (value: number | null) => (value === null ? words.none : format.compact(value));
    const tons = (value: number | null) => (value === null ? words.none : words.tonsOf(format.rate(value)));
    const name = ({ key, name, flops, remark }: Row) =>
      html`${flops === null ? html`<b>${name}</b>` : html`<button class=${key === run ? "now" : ""} part="button" aria-label=${words.rows.take(name)} @click=${() => this.#set({ run: key })}>${name}</button>`} ${number(rows.find((row) => row.key === key)!.parameters)}<small>${remark}</small>`;
    const cells = (row: Row) => [
      name(row),
      html`${number(row.tokens)}${row.tokens !== row.tokens_table && row.tokens_table !== null ? html` <small>(${number(row.tokens_table)})</small>` : nothing}`,
      row.flops === null ? words.none : this.#power(row.flops),
      number(row.hours),
      number(row.hours_table),
      number(row.hours_published),
      this.#dollars(row.dollars),
      this.#dollars(row.dollars_table),
      tons(row.tons),
      tons(row.tons_published),
    ];
    const own = [
      html`<b>${words.rows.tab}</b> ${number(tab.parameters)}<small>${tab.is_measured ? words.rows.tabMeasured : words.rows.tabAssumed}</small>`,
      number(tab.tokens),
      this.#power(tab.flops),
      words.rows.seconds(format.time(tab.seconds)),
      words.none,
      words.none,
      words.none,
      words.none,
      words.gramsOf(format.rate(tab.grams)),
      words.none,
    ];
    return html`<div class="wide rows">
      <p class="heading">${words.rows.title} <span class="hint">${words.rows.hint}</span></p>
      ${table(words.rows.title, words.rows.columns, [...rows.map(cells), own])}
    </div>`;
  }

  #renderBudgets({ budgets }: Frame): TemplateResult {
    const { format } = this;
    const words = this.strings.trainingCost;
    const rows = budgets.map(({ name, dollars, share, pays_for }) => [name, words.dollars(format.compact(dollars)), pays_for.join(", ") || words.budgets.nothing, share < 1 ? format.fine(share) : words.budgets.enough(format.compact(share))]);
    return html`<div class="wide budgets">
      <p class="heading">${words.budgets.title}</p>
      ${table(words.budgets.title, words.budgets.columns, rows)}
    </div>`;
  }

  #renderHow({ bill, config, devices }: Frame): TemplateResult {
    const { format } = this;
    const words = this.strings.trainingCost;
    const device = devices.find(({ key }) => key === config["device"])!;
    const steps = words.how.steps({
      n: format.compact(Number(config["parameters"])),
      d: format.compact(Number(config["tokens"])),
      flops: this.#power(bill.flops),
      peak: this.#power(device.peak_flops),
      share: format.percent(Number(config["utilization"])),
      hours: format.compact(bill.device_hours),
      rent: config["price"] === "cloud" ? words.range(...(device.dollars_per_hour.map((price) => words.dollars(format.decimal(price))) as [string, string])) : words.dollars(config["price"] ?? ""),
      dollars: this.#dollars(bill.dollars),
      watts: format.decimal(device.watts),
      pue: config["pue"] ?? "",
      energy: words.kilowattHours(format.compact(bill.kilowatt_hours)),
      grams: config["grid"] ?? "",
      tons: words.tonsOf(format.rate(bill.tons)),
    });
    return html`<ol class="how">${steps.map((step) => html`<li>${step}</li>`)}</ol>
      <p class="hint">${words.how.tab}</p>
      <p class="hint">${words.how.sources}</p>`;
  }

  #dollars(range: readonly [number, number] | null): string {
    const words = this.strings.trainingCost;
    if (!range) return words.none;
    return words.range(...(range.map((dollars) => words.dollars(this.format.compact(dollars))) as [string, string]));
  }

  /** 3.15 × 10²³ */
  #power(value: number): string {
    const exponent = Math.floor(Math.log10(value));
    const raised = [...String(exponent)].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)] ?? "⁻").join("");
    return `${this.format.rate(value / 10 ** exponent)} × 10${raised}`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    [TAG]: TrainingCost;
  }
}
