/**
 * `<pretune-claim>`: a number of the text that an experiment gave. The lesson's compiler writes it; a small mark beside the
 * number opens what it is, how it came about, and a button that runs the experiment again in the reader's own tab.
 */
import { LitElement, html, nothing, unsafeCSS } from "lit";
import type { PropertyDeclarations, TemplateResult } from "lit";
import { Elapsed } from "../components/elapsed";
import { formatFor } from "../format";
import { runClaim } from "../runtime/claims";
import { asFailure, told } from "../runtime/protocol";
import { stringsFor } from "../strings";
import ownStyles from "../styles/claim.css";

/** The seed that the reader's tab runs, if it is among those that were recorded. */
const PREFERRED_SEED = 0;

/**
 * Says where a number of the text comes from, and runs its experiment again.
 *
 * @tag pretune-claim
 * @slot - The number, as the text has it.
 *
 * @attr {string} experiment - The experiment's name.
 * @attr {string} measure - The measure's name.
 * @attr {string} position - Which of the experiment's numbers it is, counted from 0.
 * @attr {string} claim - What the experiment says, in a sentence.
 * @attr {string} meaning - What was measured.
 * @attr {string} seeds - The seeds that were run, with spaces between them.
 * @attr {string} values - What was measured with each.
 * @attr {string} seconds - How long one of them took where it was recorded.
 *
 * @csspart mark - The button beside the number.
 * @csspart note - What opens.
 */
export class Claim extends LitElement {
  static tag = "pretune-claim";
  static override styles = unsafeCSS(ownStyles);

  static override properties: PropertyDeclarations = {
    experiment: {},
    measure: {},
    position: { type: Number },
    claim: {},
    meaning: {},
    seeds: {},
    values: {},
    seconds: { type: Number },
    here: { state: true },
    trouble: { state: true },
    running: { state: true },
  };

  declare experiment: string;
  declare measure: string;
  declare position: number;
  declare claim: string;
  declare meaning: string;
  declare seeds: string;
  declare values: string;
  declare seconds: number;
  /** What this tab has measured. */
  declare here: number | null;
  declare trouble: string;
  declare running: boolean;

  #elapsed = new Elapsed(this);
  #abort: AbortController | null = null;

  constructor() {
    super();
    this.experiment = this.measure = this.claim = this.meaning = this.seeds = this.values = this.trouble = "";
    this.position = this.seconds = 0;
    this.here = null;
    this.running = false;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#abort?.abort();
  }

  /** The recorded runs: seed and value. */
  get #runs(): { seed: number; value: number }[] {
    const values = this.values.split(" ");
    return this.seeds.split(" ").map((seed, i) => ({ seed: Number(seed), value: Number(values[i]) }));
  }

  get #again(): { seed: number; value: number } {
    return this.#runs.find(({ seed }) => seed === PREFERRED_SEED) ?? this.#runs[0]!;
  }

  async #run(): Promise<void> {
    this.#abort = new AbortController();
    [this.running, this.trouble, this.here] = [true, "", null];
    this.#elapsed.start();
    try {
      const values = await runClaim(this.experiment, this.#again.seed, this.#abort.signal);
      this.here = values[this.position] ?? NaN;
    } catch (error) {
      const failure = asFailure(error);
      if (failure?.code !== "cancelled") this.trouble = failure ? told(failure) : stringsFor("en").claim.failed;
    } finally {
      this.running = false;
      this.#elapsed.stop();
    }
  }

  /** Below the mark, within the window. */
  #place(note: HTMLElement): void {
    const { style } = note;
    const mark = note.previousElementSibling!.getBoundingClientRect();
    const { width, height } = note.getBoundingClientRect();
    const [right, bottom] = [document.documentElement.clientWidth, document.documentElement.clientHeight];
    const below = mark.bottom + 6;
    style.setProperty("inset-inline-start", `${Math.max(8, Math.min(mark.left - width / 2, right - width - 8))}px`);
    style.setProperty("inset-block-start", `${below + height < bottom ? below : Math.max(8, mark.top - height - 6)}px`);
  }

  protected override render(): TemplateResult {
    const lang = this.closest("[lang]")?.getAttribute("lang") ?? "en";
    const words = stringsFor(lang).claim;
    return html`<slot></slot
      ><button type="button" part="mark" class="mark" popovertarget="note" aria-label=${words.mark} title=${words.mark}></button
      ><span id="note" popover part="note" class="note" role="dialog" aria-labelledby="claim" @toggle=${(event: Event) => this.#place(event.target as HTMLElement)}
        >${this.renderNote(lang)}</span
      >`;
  }

  protected renderNote(lang: string): TemplateResult {
    const words = stringsFor(lang).claim;
    const format = formatFor(lang);
    const values = this.#runs.map(({ value }) => value);
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const { seed, value } = this.#again;
    return html`<span class="claim" id="claim">${this.claim}</span>
      <span class="numbers">
        <b>${format.rate(mean)}</b> <span class="meaning">${this.meaning}</span>
        <span class="range">${words.range(String(values.length), format.rate(Math.min(...values)), format.rate(Math.max(...values)))}</span>
      </span>
      <span class="again">
        ${this.running
          ? html`<button type="button" @click=${() => this.#abort?.abort()}>${words.stop}</button> <span>${words.running(format.time(this.#elapsed.seconds))}</span>`
          : html`<button type="button" class="primary" @click=${() => void this.#run()}>${words.run}</button>
              <span>${words.takes(format.time(Math.max(this.seconds, 1)))}</span>`}
      </span>
      <span class="result" role="status">
        ${this.here === null ? nothing : html`<span class=${Object.is(this.here, value) ? "same" : "other"}>${Object.is(this.here, value) ? words.same(String(seed), String(this.here)) : words.other(String(seed), String(this.here), String(value))}</span>`}
        ${this.trouble}
      </span>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "pretune-claim": Claim;
  }
}
