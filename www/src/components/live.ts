/** Tells a screen reader what changes, at a pace that can be listened to. */
import type { ReactiveController, ReactiveControllerHost } from "lit";

const PACE_MS = 2000;

export class Live implements ReactiveController {
  #host: ReactiveControllerHost;
  #next = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #waiting = "";
  /** Render this inside an `aria-live="polite"` element. */
  text = "";

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  /** The latest of several texts within the pace is the one that is said. */
  say(text: string): void {
    if (text === (this.#waiting || this.text)) return;
    this.#waiting = text;
    this.#timer ??= setTimeout(() => this.#speak(), Math.max(0, this.#next - performance.now()));
  }

  hostDisconnected(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #speak(): void {
    this.#timer = undefined;
    this.#next = performance.now() + PACE_MS;
    this.text = this.#waiting;
    this.#waiting = "";
    this.#host.requestUpdate();
  }
}
