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

/** What a reader knows comes first. */
const KINDS = ["step", "generate", "kernel", "op"];

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

function renderTimings({ cases }: Timings, strings: Strings, format: Format): TemplateResult {
  const words = strings.nextToken.speed;
  const step = cases.find(({ kind }) => kind === "step");
  const best = Math.max(...cases.map(gflops));
  const rows = cases.toSorted((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind)).map((timing) => [
    html`${words.kinds[timing.kind]} <span class="hint">${timing.name}${timing.tokens > 0 ? words.tokens(format.rate((1000 * timing.tokens) / timing.ms)) : nothing}</span>`,
    format.milliseconds(timing.ms),
    timing.flops > 0 ? format.rate(gflops(timing)) : "–",
    timing.flops > 0 ? html`<span class="lossy"><i ${styled({ "inline-size": `${(100 * gflops(timing)) / best}%` })}></i>${format.share(gflops(timing) / best)}</span>` : "–",
  ]);
  return html`${step ? html`<p class="sentence" role="status">${words.sentence(format.milliseconds(step.ms), format.rate(1000 / step.ms), format.rate((1000 * step.tokens) / step.ms))}</p>` : nothing}
    <div class="timings">${table(words.title, words.columns, rows)}</div>
    <p class="hint">${words.unit}</p>`;
}

function gflops({ flops, ms }: Timing): number {
  return flops / ms / 1e6;
}
