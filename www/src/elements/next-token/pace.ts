/** How fast training goes, smoothed so that the number can be read. Frames carry no clock: the page has one. */

const SMOOTHING = 0.15;

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
