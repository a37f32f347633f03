/**
 * A model whose weights are one number, and a transport that runs the real engine over it: what a supervisor sees of a
 * worker, with time under the test's control. Loss n depends on every step before it, so a lost step shows.
 */
import assert from "node:assert/strict";
import { Engine } from "../src/runtime/engine";
import { asFailure } from "../src/runtime/protocol";
import type { BenchCase, Command, Files, Received, Sent, Transport, WasmBench, WasmSession } from "../src/runtime/protocol";

export interface Plan {
  /** Traps when this step begins, once. */
  trapAt?: number | undefined;
  /** Never answers a pause from this step on, once. */
  deafAt?: number | undefined;
  /** Steps of a whole run. */
  steps?: number;
  /** Into which each step is cut. */
  shards?: number;
  /** Held-out text is read before each of these steps. */
  evaluateEvery?: number;
}

interface State {
  step: number;
  value: number;
  text: string;
  evaluated: number;
}

export interface FakeFrame extends State {
  opened: number;
  steps: number;
}

/** Below 2^24, so that a Float32Array carries it whole. */
const MODULUS = 16_777_213;
const mix = (...numbers: number[]) => numbers.reduce((sum, n) => (sum * 8191 + n + 1) % MODULUS, 7);

export class FakeModel implements WasmSession {
  state: State = { step: 0, value: 1, text: "", evaluated: 0 };
  /** Shards that were computed here. */
  computed = 0;
  /** Sums over aligned ranges of shards, as a binary counter has its digits. */
  #sums: { n: number; value: number }[] = [];
  constructor(readonly plan: Plan, readonly opened: number) {}

  get #n_shards(): number {
    return this.plan.shards ?? 1;
  }
  get #in(): number {
    return this.#sums.reduce((n, sum) => n + sum.n, 0);
  }
  get #evaluationIsDue(): boolean {
    const { evaluateEvery } = this.plan;
    return evaluateEvery !== undefined && this.state.step > 0 && this.state.step % evaluateEvery === 0 && this.state.evaluated < this.state.step;
  }
  get #finished(): boolean {
    return this.state.step >= (this.plan.steps ?? 1000);
  }

  step(): number {
    const { state, plan } = this;
    if (plan.trapAt === state.step) {
      plan.trapAt = undefined;
      throw new WebAssembly.RuntimeError("unreachable");
    }
    if (this.#evaluationIsDue && this.#in === 0) {
      state.evaluated = state.step;
      return 2;
    }
    if (this.#finished) return 0;
    this.shard(this.#in);
    return this.#in < this.#n_shards ? 1 : this.finish();
  }
  shards(): number {
    return this.#n_shards < 2 || this.#in > 0 || this.#finished || this.#evaluationIsDue ? 0 : this.#n_shards;
  }
  shard(i: number): void {
    this.computed++;
    this.#add(1, mix(this.state.value, this.state.step, i));
  }
  merge(n: number, from: Float32Array): void {
    this.#add(n, from[0]!);
  }
  partialLength(): number {
    return 1;
  }
  partial(to: Float32Array): void {
    to[0] = this.#sums[0]!.value;
  }
  finish(): number {
    assert.equal(this.#in, this.#n_shards);
    this.state.value = mix(this.state.value, this.#sums[0]!.value);
    this.state.step++;
    this.#sums = [];
    return 2;
  }
  weightsLength(): number {
    return 2;
  }
  weights(to: Float32Array): void {
    to[0] = this.state.value;
  }
  follow(from: Float32Array): void {
    this.state.value = from[0]!;
    this.state.step++;
    this.#sums = [];
  }
  flops(): number {
    return 1e6;
  }
  /** Pairwise, so that another order gives another value. */
  #add(n: number, value: number): void {
    for (let last = this.#sums.at(-1); last?.n === n; last = this.#sums.at(-1)) {
      this.#sums.pop();
      value = mix(last.value, value);
      n *= 2;
    }
    this.#sums.push({ n, value });
  }
  command(command: Command & { text?: string }): void {
    if (command.type === "refuse") throw { code: "input", message: "too short", action: "write more" };
    if (command.type === "panic") throw new WebAssembly.RuntimeError("unreachable");
    if (command.type === "reset") this.#become({ step: 0, value: 1, text: "", evaluated: 0 });
    this.state.text += command.text ?? "";
  }
  frame(): FakeFrame {
    return { ...this.state, opened: this.opened, steps: this.plan.steps ?? 1000 };
  }
  snapshot(): Uint8Array {
    return new TextEncoder().encode(JSON.stringify(this.state));
  }
  restore(bytes: Uint8Array): void {
    this.#become(JSON.parse(new TextDecoder().decode(bytes)) as State);
  }
  #become(state: State): void {
    this.state = state;
    this.#sums = [];
  }
  files(): Files {
    return [["state.json", this.snapshot()]];
  }
  open(files: Files): void {
    this.restore(files[0]![1]);
  }
  free(): void {}
}

/** Two cases whose runs take as long as `work` lets the clock pass. */
export class FakeBench implements WasmBench {
  runs = [0, 0];
  freed = false;
  constructor(readonly work: (i: number) => void) {}
  cases(): BenchCase[] {
    return [
      { name: "gemm", kind: "kernel", flops: 1e6, tokens: 0 },
      { name: "step", kind: "step", flops: 5e6, tokens: 512 },
    ];
  }
  run(i: number): void {
    this.runs[i]!++;
    this.work(i);
  }
  loss(): number {
    return 5 - 0.1 * this.runs[1]!;
  }
  free(): void {
    this.freed = true;
  }
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
      bench: () => new FakeBench(() => clock++),
      // A structured clone, as between real threads.
      post: (message) => {
        const copy = structuredClone(message);
        setImmediate(() => this.terminated || this.onreply(copy));
      },
      // Each look at the clock is a millisecond: a slice is a dozen steps, and no test depends on the machine's speed.
      now: () => ++clock,
      later: (callback) => setImmediate(() => this.terminated || callback()),
      after: (ms, callback) => setTimeout(callback, ms).unref(),
      sliceMs: 12,
      cores: 1,
    });
  }

  post(message: Sent): void {
    this.received.push(message);
    const { deafAt } = this.#plan;
    if (message.type === "pause" && deafAt !== undefined && this.models.some(({ state }) => state.step >= deafAt)) {
      this.#plan.deafAt = undefined;
      return;
    }
    if (message.type !== "boot" && message.type !== "help" && message.type !== "claim") this.#engine.receive(structuredClone(message));
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
