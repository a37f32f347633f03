/**
 * A model whose weights are one number, and a transport that runs the real engine over it: what a supervisor sees of a
 * worker, with time under the test's control. Loss n depends on every step before it, so a lost step shows.
 */
import { Engine } from "../src/runtime/engine";
import { asFailure } from "../src/runtime/protocol";
import type { Command, Files, Received, Sent, Transport, WasmSession } from "../src/runtime/protocol";

export interface Plan {
  /** Traps when this step begins, once. */
  trapAt?: number | undefined;
  /** Never answers a pause from this step on, once. */
  deafAt?: number | undefined;
}

interface Weights {
  step: number;
  value: number;
  text: string;
}

export interface FakeFrame extends Weights {
  opened: number;
}

export class FakeModel implements WasmSession {
  weights: Weights = { step: 0, value: 1, text: "" };
  constructor(readonly plan: Plan, readonly opened: number) {}

  step(): boolean {
    const { weights, plan } = this;
    if (plan.trapAt === weights.step) {
      plan.trapAt = undefined;
      throw new WebAssembly.RuntimeError("unreachable");
    }
    weights.step++;
    weights.value = (weights.value * 48271) % 2147483647;
    return weights.step < 1000;
  }
  command(command: Command & { text?: string }): void {
    if (command.type === "refuse") throw { code: "input", message: "too short", action: "write more" };
    if (command.type === "panic") throw new WebAssembly.RuntimeError("unreachable");
    this.weights.text += command.text ?? "";
  }
  frame(): FakeFrame {
    return { ...this.weights, opened: this.opened };
  }
  snapshot(): Uint8Array {
    return new TextEncoder().encode(JSON.stringify(this.weights));
  }
  restore(bytes: Uint8Array): void {
    this.weights = JSON.parse(new TextDecoder().decode(bytes)) as Weights;
  }
  files(): Files {
    return [["weights.json", this.snapshot()]];
  }
  open(files: Files): void {
    this.restore(files[0]![1]);
  }
  free(): void {}
}

export class FakeWorker implements Transport {
  static opened = 0;
  readonly kind = "blob";
  onreply: (message: Received) => void = () => {};
  onfault: () => void = () => {};
  terminated = false;
  received: Sent[] = [];
  models: FakeModel[] = [];
  #engine: Engine;
  #plan: Plan;

  constructor(plan: Plan = {}) {
    this.#plan = plan;
    let clock = 0;
    this.#engine = new Engine({
      open: () => {
        const model = new FakeModel(plan, ++FakeWorker.opened);
        this.models.push(model);
        return model;
      },
      // A structured clone, as between real threads.
      post: (message) => {
        const copy = structuredClone(message);
        setImmediate(() => this.terminated || this.onreply(copy));
      },
      // Each look at the clock is a millisecond: a slice is a dozen steps, and no test depends on the machine's speed.
      now: () => ++clock,
      later: (callback) => setImmediate(() => this.terminated || callback()),
      sliceMs: 12,
    });
  }

  post(message: Sent): void {
    this.received.push(message);
    const { deafAt } = this.#plan;
    if (message.type === "pause" && deafAt !== undefined && this.models.some(({ weights }) => weights.step >= deafAt)) {
      this.#plan.deafAt = undefined;
      return;
    }
    if (message.type !== "boot") this.#engine.receive(structuredClone(message));
  }

  terminate(): void {
    this.terminated = true;
  }
}

export async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 5000;
  while (!condition()) {
    if (Date.now() > end) throw new Error("waited five seconds in vain");
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

export const isFailure = (code: string) => (error: unknown) => asFailure(error)?.code === code;
