/** The page's side of helpers: starts as many workers as the engine wants, puts each in touch with it, and ends them. */
import { PROTOCOL } from "./protocol";
import type { Transport } from "./protocol";

export class Crew {
  #engine: Transport;
  #connect: () => Promise<Transport>;
  #helpers: Transport[] = [];
  #wanted = 0;
  #hiring = false;

  constructor(engine: Transport, connect: () => Promise<Transport>) {
    this.#engine = engine;
    this.#connect = connect;
  }

  want(n: number): void {
    this.#wanted = n;
    for (const helper of this.#helpers.splice(n)) helper.terminate();
    if (!this.#hiring) void this.#hire();
  }

  async #hire(): Promise<void> {
    this.#hiring = true;
    try {
      while (this.#helpers.length < this.#wanted) {
        const helper = await this.#connect();
        if (this.#helpers.length < this.#wanted) this.#introduce(helper);
        else helper.terminate();
      }
    } catch {
      // Where none can be started the engine does the work alone, as it did so far.
    } finally {
      this.#hiring = false;
    }
  }

  #introduce(helper: Transport): void {
    this.#helpers.push(helper);
    // The engine notices by itself that no answer comes.
    helper.onfault = () => helper.terminate();
    const { port1, port2 } = new MessageChannel();
    helper.post({ type: "help", port: port1, version: PROTOCOL, seq: 0 }, [port1]);
    this.#engine.post({ type: "helper", port: port2, version: PROTOCOL, seq: 0 }, [port2]);
  }
}
