/** How far training is, how fast it goes and how long it will take. */
import { html, nothing } from "lit";
import type { TemplateResult } from "lit";
import type { Format } from "../format";
import type { Strings } from "../strings";

const SMOOTHING = 0.15;
/** Frames and evaluations take their time beside the steps. */
const BESIDES = 1.15;
/** The time left is told as getting longer only if it does so by this factor. */
const SLOWER = 1.3;

export interface ProgressView {
  step: number;
  steps: number;
  /** Steps to come, in the training that runs or that the reader may start. */
  left: number;
  training: boolean;
  pace: Pace;
  strings: Strings;
  format: Format;
}

export function progress({ step, steps, left, training, pace, strings, format }: ProgressView): TemplateResult {
  const seconds = left > 0 ? pace.secondsToTell(left) : 0;
  const time = seconds > 1 ? format.seconds(seconds) : "";
  const done = strings.progress(format.integer(step), format.integer(steps));
  return html`<div class="progress">
    <p>
      <span>${done}</span>
      ${time ? html`<span>${training ? strings.timeLeft(time) : strings.takes(time)}</span>` : nothing}
      ${training && pace.tokensPerSecond > 0 ? html`<span>${strings.speed(format.integer(pace.tokensPerSecond))}</span>` : nothing}
    </p>
    <progress max=${Math.max(steps, 1)} .value=${step} aria-label=${done}></progress>
  </div>`;
}

/** Speed, smoothed so that the number can be read. Frames carry no clock: the page has one. */
export class Pace {
  #last: { step: number; tokens: number; at: number } | null = null;
  #tokens = 0;
  #steps = 0;
  #expected_ms: number | null = null;
  #told: { seconds: number; steps: number } | null = null;

  /** Tokens learned from per second; 0 while nothing is known. */
  get tokensPerSecond(): number {
    return this.#tokens;
  }

  /** What a step takes in the worker, which is all that is known before training. */
  expect(step_ms: number | null): void {
    this.#expected_ms = step_ms;
  }

  /** 0 while nothing is known. */
  secondsLeft(steps: number): number {
    if (this.#steps > 0) return steps / this.#steps;
    return (steps * BESIDES * (this.#expected_ms ?? 0)) / 1000;
  }

  /** The same, rounded so that it can be read, and never back and forth while the steps get fewer. */
  secondsToTell(steps: number): number {
    const seconds = this.secondsLeft(steps);
    const rounded = readable(seconds);
    const told = this.#told;
    const hold = told !== null && steps <= told.steps && rounded >= told.seconds && seconds < SLOWER * told.seconds + 1;
    this.#told = { seconds: hold ? told.seconds : rounded, steps };
    return this.#told.seconds;
  }

  add(step: number, tokens: number, running: boolean, now = performance.now()): void {
    const last = this.#last;
    this.#last = running ? { step, tokens, at: now } : null;
    if (!last || !running || step <= last.step || now <= last.at) return;
    const seconds = (now - last.at) / 1000;
    // The first steps run in code that is not optimized yet: what was predicted counts for more than they do.
    if (this.#steps === 0 && this.#expected_ms) this.#steps = 1000 / (BESIDES * this.#expected_ms);
    const share = this.#steps === 0 ? 1 : SMOOTHING;
    this.#tokens += (this.#tokens === 0 ? 1 : SMOOTHING) * ((tokens - last.tokens) / seconds - this.#tokens);
    this.#steps += share * ((step - last.step) / seconds - this.#steps);
  }
}

/** Single seconds up to ten, then fives, tens and half minutes. */
function readable(seconds: number): number {
  const unit = seconds <= 10 ? 1 : seconds <= 30 ? 5 : seconds <= 90 ? 10 : 30;
  return Math.ceil(seconds / unit) * unit;
}
