/** Seconds since something began, drawn anew four times a second while it goes on. */
import type { ReactiveController, ReactiveControllerHost } from "lit";

export class Elapsed implements ReactiveController {
  #host: ReactiveControllerHost;
  #began = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  get seconds(): number {
    return (performance.now() - this.#began) / 1000;
  }

  start(): void {
    this.stop();
    this.#began = performance.now();
    this.#timer = setInterval(() => this.#host.requestUpdate(), 250);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  hostDisconnected(): void {
    this.stop();
  }
}
