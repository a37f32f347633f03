/** How far training is, how fast it goes and how long it will take. */
import { html, nothing } from "lit";
import type { TemplateResult } from "lit";
import type { Format } from "../format";
import type { Strings } from "../strings";

const SMOOTHING = 0.15;

export interface ProgressView {
  step: number;
  steps: number;
  training: boolean;
  pace: Pace;
  strings: Strings;
  format: Format;
}

export function progress({ step, steps, training, pace, strings, format }: ProgressView): TemplateResult {
  const left = pace.secondsLeft(step, steps);
  const done = strings.progress(format.integer(step), format.integer(steps));
  return html`<div class="progress">
    <p>
      <span>${done}</span>
      <span>${training && pace.tokensPerSecond > 0 ? strings.speed(format.integer(pace.tokensPerSecond)) : nothing}</span>
      <span>${training && left !== null && left > 1 ? strings.timeLeft(format.seconds(left)) : nothing}</span>
    </p>
    <progress max=${Math.max(steps, 1)} .value=${step} aria-label=${done}></progress>
  </div>`;
}

/** Speed, smoothed so that the number can be read. Frames carry no clock: the page has one. */
export class Pace {
  #last: { step: number; tokens: number; at: number } | null = null;
  #tokens = 0;
  #steps = 0;

  /** Tokens learned from per second; 0 while nothing is known. */
  get tokensPerSecond(): number {
    return this.#tokens;
  }

  secondsLeft(step: number, steps: number): number | null {
    return this.#steps > 0 ? Math.max(0, steps - step) / this.#steps : null;
  }

  add(step: number, tokens: number, running: boolean, now = performance.now()): void {
    const last = this.#last;
    this.#last = running ? { step, tokens, at: now } : null;
    if (!last || !running || step <= last.step || now <= last.at) return;
    const seconds = (now - last.at) / 1000;
    const share = this.#steps === 0 ? 1 : SMOOTHING;
    this.#tokens += share * ((tokens - last.tokens) / seconds - this.#tokens);
    this.#steps += share * ((step - last.step) / seconds - this.#steps);
  }
}
