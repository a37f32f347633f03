/** "Speed of this device": the sums that training is made of, timed where this figure trains. */
import { html, nothing } from "lit";
import type { ReactiveControllerHost, TemplateResult } from "lit";
import { styled } from "../../components/styled";
import { table } from "../../components/table";
import type { Format } from "../../format";
import type { Timing, Timings } from "../../runtime/bench";
import { asFailure, told } from "../../runtime/protocol";
import type { Strings } from "../../strings";

/** Long enough for the browser's optimizer to have seen everything, short enough to wait for. */
export const MEASURE_SECONDS = 4;

export class Speed {
  #host: ReactiveControllerHost;
  #measure: (signal: AbortSignal) => Promise<Timings | undefined>;
  #timings: Timings | null = null;
  #stop: AbortController | null = null;
  #error = "";

  constructor(host: ReactiveControllerHost, measure: (signal: AbortSignal) => Promise<Timings | undefined>) {
    this.#host = host;
    this.#measure = measure;
  }

  render(strings: Strings, format: Format): TemplateResult {
    const words = strings.nextToken.speed;
    const seconds = format.seconds(MEASURE_SECONDS);
    return html`<p>${words.explain}</p>
      <div class="row">
        <button part="button" @click=${() => (this.#stop ? this.#stop.abort() : void this.#start())}>${this.#stop ? words.stop : this.#timings ? words.again : words.measure}</button>
        <span class=${this.#error ? "wrong" : "hint"} role="status">${this.#error || (this.#stop ? words.measuring(seconds) : this.#timings ? nothing : words.takes(seconds))}</span>
      </div>
      ${this.#timings ? renderTimings(this.#timings, strings, format) : nothing}`;
  }

  async #start(): Promise<void> {
    this.#stop = new AbortController();
    this.#error = "";
    this.#host.requestUpdate();
    try {
      this.#timings = (await this.#measure(this.#stop.signal)) ?? null;
    } catch (error) {
      const reason = asFailure(error);
      if (!reason) throw error;
      if (reason.code !== "cancelled") this.#error = told(reason);
    } finally {
      this.#stop = null;
      this.#host.requestUpdate();
    }
  }
}

interface Line {
  name: string;
  hint: string;
  ms: number;
  flops: number;
}

/** What a reader can make something of: whole steps, writing, and all matrix products together against bare arithmetic. */
function lines(cases: readonly Timing[], strings: Strings, format: Format): Line[] {
  const words = strings.nextToken.speed;
  const perSecond = ({ tokens, ms }: Timing) => words.tokens(format.rate((1000 * tokens) / ms));
  const whole = cases.filter(({ tokens }) => tokens > 0).map((timing) => ({ ...timing, name: words.names[timing.name] ?? timing.name, hint: perSecond(timing) }));
  const kernels = cases.filter(({ kind, flops }) => kind === "kernel" && flops > 0);
  const best = kernels.reduce((best, timing) => (gflops(timing) > gflops(best) ? timing : best));
  const products = kernels.filter((timing) => timing !== best);
  const sum = (key: "ms" | "flops") => products.reduce((sum, timing) => sum + timing[key], 0);
  return [...whole, { name: words.products, hint: words.sizes(format.integer(products.length)), ms: sum("ms"), flops: sum("flops") }, { ...best, name: words.names[best.name] ?? best.name, hint: words.bare }];
}

function renderTimings({ cases }: Timings, strings: Strings, format: Format): TemplateResult {
  const words = strings.nextToken.speed;
  const step = cases.find(({ kind }) => kind === "step");
  const shown = lines(cases, strings, format);
  const best = Math.max(...shown.map(gflops));
  const rows = shown.map((line) => [
    html`${line.name} <span class="hint">${line.hint}</span>`,
    format.milliseconds(line.ms),
    line.flops > 0 ? format.rate(gflops(line)) : "–",
    line.flops > 0 ? html`<span class="lossy"><i ${styled({ "inline-size": `${(100 * gflops(line)) / best}%` })}></i>${format.share(gflops(line) / best)}</span>` : "–",
  ]);
  return html`${step ? html`<p class="sentence" role="status">${words.sentence(format.milliseconds(step.ms), format.rate(1000 / step.ms))}</p>` : nothing}
    <div class="timings">${table(words.title, words.columns, rows)}</div>
    <p class="hint">${words.unit}</p>`;
}

function gflops({ flops, ms }: { flops: number; ms: number }): number {
  return flops / ms / 1e6;
}
