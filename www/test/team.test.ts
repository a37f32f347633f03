import assert from "node:assert/strict";
import { test } from "node:test";
import { Engine } from "../src/runtime/engine";
import { help } from "../src/runtime/helper";
import { Policy } from "../src/runtime/policy";
import { PROTOCOL } from "../src/runtime/protocol";
import type { Received, Request, Share, Task, Workers } from "../src/runtime/protocol";
import { FakeBench, FakeModel } from "./fake";
import type { Plan } from "./fake";

const PLAN: Plan = { steps: 60, shards: 4, evaluateEvery: 7 };

/** A helper over its own model, at the end of a line on which the test delivers message by message. */
class FakeHelper {
  model: FakeModel | null = null;
  tasks: Task[] = [];
  answers: Share[] = [];
  buffers = new Set<ArrayBuffer>();
  closed = false;
  readonly #end: Parameters<typeof help>[0];
  readonly line = {
    onmessage: null as ((event: MessageEvent<Share>) => void) | null,
    postMessage: (task: Task) => {
      this.buffers.add(task.buffer);
      this.tasks.push(task);
    },
    close: () => (this.closed = true),
  };

  constructor(plan: Plan) {
    this.#end = { onmessage: null, postMessage: (share) => this.answers.push(share) };
    help(this.#end, () => (this.model = new FakeModel(plan, 0)));
  }

  work(): void {
    for (const data of this.tasks.splice(0)) this.#end.onmessage?.({ data } as MessageEvent<Task>);
  }
  deliver(): void {
    if (!this.closed) for (const data of this.answers.splice(0)) this.line.onmessage?.({ data } as MessageEvent<Share>);
  }
}

/** An engine with one session, whose page starts helpers at once. */
function setUp(workers: Workers, plan: Plan = PLAN, cores = 4) {
  const posted: Received[] = [];
  const waiting: (() => void)[] = [];
  const timers: { at: number; callback: () => void }[] = [];
  const helpers: FakeHelper[] = [];
  let clock = 0;
  let seq = 0;
  const model = new FakeModel({ ...plan }, 0);
  /** Milliseconds of a shard here; helpers work at the same time. */
  const cost = { shard: 6 };
  const shard = model.shard.bind(model);
  model.shard = (i) => {
    clock += cost.shard;
    shard(i);
  };
  const engine = new Engine({
    open: () => model,
    bench: () => new FakeBench(() => (clock += 1)),
    post(message) {
      posted.push(message);
      if (message.type !== "helpers") return;
      while (helpers.filter(({ closed }) => !closed).length < message.n) {
        const helper = new FakeHelper(plan);
        helpers.push(helper);
        send({ type: "helper", port: helper.line as unknown as MessagePort });
      }
    },
    now: () => clock,
    later: (callback) => waiting.push(callback),
    after: (ms, callback) => timers.push({ at: clock + ms, callback }),
    sliceMs: 12,
    cores,
  });
  function send(request: Exclude<Request, { type: "boot" | "help" | "claim" }>): number {
    engine.receive({ ...request, version: PROTOCOL, seq: ++seq });
    return seq;
  }
  /** One turn of the engine, if it asked for one; a millisecond passes. */
  function turn(): void {
    clock += 1;
    for (const { callback } of timers.filter(({ at }) => at <= clock)) callback();
    timers.splice(0, timers.length, ...timers.filter(({ at }) => at > clock));
    waiting.shift()?.();
  }
  const isOver = () => posted.some((message) => message.type === "frame" && message.finished);
  const end = (each: () => void = work) => {
    for (let i = 0; i < 10_000 && !isOver(); i++) {
      each();
      send({ type: "ack", id: 1 });
      turn();
    }
    assert.ok(isOver(), `stuck at step ${model.state.step}`);
  };
  const work = () => {
    for (const helper of helpers) {
      helper.work();
      helper.deliver();
    }
  };
  const wanted = () => posted.flatMap((message) => (message.type === "helpers" ? [message.n] : []));
  const paces = () => posted.flatMap((message) => (message.type === "frame" ? [message.pace] : []));
  send({ type: "open", id: 1, tag: "t", attributes: {}, workers });
  return { send, turn, end, work, model, helpers, posted, wanted, paces, cost, now: () => clock };
}

function undisturbed(plan: Plan = PLAN): number {
  const model = new FakeModel({ ...plan }, 0);
  while (model.step() !== 0);
  return model.state.value;
}

for (const workers of [1, 2, 4] as const) {
  test(`the same weights with workers: ${workers}`, () => {
    const { send, end, model, helpers, paces } = setUp(workers);
    send({ type: "run", id: 1 });
    end();
    assert.equal(model.state.value, undisturbed());
    assert.equal(helpers.length, workers - 1);
    assert.equal(paces().at(-1)?.workers, workers);
    // The first few steps are done alone, until the helpers have answered.
    for (const helper of helpers) assert.ok(helper.model!.computed >= (50 * 4) / workers, `${helper.model!.computed} shards`);
    assert.ok(model.computed <= (50 * 4) / workers + 40, `${model.computed} shards`);
  });
}

test("one buffer for each helper goes to and fro", () => {
  const { send, end, helpers } = setUp(2);
  send({ type: "run", id: 1 });
  end();
  assert.equal(helpers[0]!.buffers.size, 1);
});

test("a helper that dies in the middle of a step: its shards are done here, and it is let go", () => {
  const { send, end, work, model, helpers, wanted } = setUp(2);
  send({ type: "run", id: 1 });
  end(() => (model.state.step < 20 || wanted().includes(0)) && work());
  assert.equal(model.state.value, undisturbed());
  assert.ok(wanted().includes(0));
  assert.ok(helpers[0]!.closed);
});

test("helpers that never answer are not replaced for ever", () => {
  const long = { ...PLAN, steps: 1000 };
  const { send, end, model, helpers } = setUp(2, long);
  send({ type: "run", id: 1 });
  end(() => {});
  assert.equal(model.state.value, undisturbed(long));
  assert.equal(helpers.length, 3);
});

test("an answer that comes too late changes nothing", () => {
  const { send, end, work, model, helpers } = setUp(2);
  send({ type: "run", id: 1 });
  end(() => {
    if (model.state.step < 20 || helpers.length > 1) return work();
    helpers[0]!.work();
    if (helpers[0]!.closed) for (const data of helpers[0]!.answers.splice(0)) helpers[0]!.line.onmessage?.({ data } as MessageEvent<Share>);
  });
  assert.equal(model.state.value, undisturbed());
});

test("a helper that fails says so and is let go at once", () => {
  const { send, end, work, model, helpers, now } = setUp(2);
  send({ type: "run", id: 1 });
  end(() => {
    const first = helpers[0]?.model;
    if (first && model.state.step === 20) first.shard = () => assert.fail("a trap");
    work();
  });
  assert.equal(model.state.value, undisturbed());
  assert.ok(helpers[0]!.closed);
  assert.ok(now() < 60 * 4 * 6 + 500, `${now()} ms: nobody waited`);
});

/** Runs until a shared step waits for its helper, then lets the test act. */
function midStep(set: ReturnType<typeof setUp>, step: number): void {
  set.send({ type: "run", id: 1 });
  for (let i = 0; i < 1000; i++) {
    set.send({ type: "ack", id: 1 });
    set.turn();
    if (set.model.state.step >= step && set.helpers[0]?.tasks.length && set.model.shards() === 0) return;
    set.work();
  }
  assert.fail("no step was shared");
}

test("a command while shards are under way: the step goes on here, the helper is brought up to date", () => {
  const set = setUp(2);
  midStep(set, 20);
  set.send({ type: "command", id: 1, command: { type: "say", text: "a" } as { type: string }, keep: false });
  set.turn();
  set.end();
  assert.equal(set.model.state.value, undisturbed());
  assert.equal(set.model.state.text, "a");
  assert.equal(set.helpers[0]!.model!.state.text, "a", "by a snapshot");
});

test("another model while shards are under way: nothing of the old one gets into it", () => {
  const set = setUp(2);
  midStep(set, 20);
  set.send({ type: "command", id: 1, command: { type: "reset" }, keep: true });
  set.turn();
  assert.ok(set.model.state.step < 5);
  set.end();
  assert.equal(set.model.state.value, undisturbed());
});

test("a pause while shards are under way: it stands still at a whole step, and goes on with the same bits", () => {
  const set = setUp(2);
  midStep(set, 20);
  const { step } = set.model.state;
  set.send({ type: "pause", id: 1 });
  for (let i = 0; i < 10; i++) {
    set.turn();
    set.work();
  }
  assert.equal(set.model.state.step, step);
  const kept = set.posted.filter((message) => message.type === "snapshot").at(-1);
  const other = new FakeModel({ ...PLAN }, 0);
  other.restore((kept as { bytes: Uint8Array }).bytes);
  while (other.step() !== 0);
  assert.equal(other.state.value, undisturbed(), "from the snapshot");
  set.send({ type: "run", id: 1 });
  set.end();
  assert.equal(set.model.state.value, undisturbed());
});

test("helpers are let go when nothing has learned for a while", () => {
  const set = setUp(2);
  midStep(set, 20);
  set.send({ type: "pause", id: 1 });
  for (const end = set.now() + 25_000; set.now() < end; set.turn()) set.work();
  assert.equal(set.wanted().at(-1), 0);
  assert.ok(set.helpers[0]!.closed);
  set.send({ type: "run", id: 1 });
  set.end();
  assert.equal(set.model.state.value, undisturbed());
});

test("auto: a team that wins is kept", () => {
  const long = { ...PLAN, steps: 400 };
  const { send, end, model, paces, wanted } = setUp("auto", long, 2);
  send({ type: "run", id: 1 });
  end();
  assert.deepEqual(wanted().slice(0, 1), [1]);
  assert.equal(paces().at(-1)?.workers, 2);
  assert.equal(model.state.value, undisturbed(long));
});

/** Feeds a policy with steps that take `time(size)`; the sizes of the last ten. */
function run(policy: Policy, steps: number, time: (size: number) => number, ready = true): number[] {
  const sizes: number[] = [];
  for (let left = steps; left > 0; left--) {
    const size = policy.size(ready ? policy.n_helpers : 0);
    const used = ready ? size : 1;
    policy.add(time(used), used, ready, left);
    sizes.push(used);
  }
  return sizes.slice(-10);
}

test("policy: the largest team that wins", () => {
  assert.deepEqual(new Set(run(new Policy("auto", 8), 500, (size) => 20 / size)), new Set([4]));
  assert.deepEqual(new Set(run(new Policy("auto", 8), 500, (size) => (size === 4 ? 10 : 20 / size))), new Set([2]));
  assert.deepEqual(new Set(run(new Policy("auto", 2), 500, (size) => 20 / size)), new Set([2]));
});

test("policy: a team that does not win is let go", () => {
  const policy = new Policy("auto", 2);
  assert.deepEqual(new Set(run(policy, 500, (size) => (size === 2 ? 19 : 20))), new Set([1]));
  assert.equal(policy.n_helpers, 0);
});

test("policy: a team that is kept is looked at again, and let go when its core is taken", () => {
  const policy = new Policy("auto", 2);
  run(policy, 500, (size) => 20 / size);
  assert.equal(policy.n_helpers, 1);
  run(policy, 4000, () => 20);
  assert.equal(policy.n_helpers, 0);
});

test("policy: nobody is started for short steps, for the end of a run, or on one core", () => {
  for (const [cores, steps, ms] of [[2, 5000, 2], [2, 50, 20], [1, 500, 20]] as const) {
    const policy = new Policy("auto", cores);
    run(policy, steps, () => ms);
    assert.equal(policy.n_helpers, 0, `${cores} cores, ${steps} steps of ${ms} ms`);
  }
});

test("policy: while a helper is missing the work goes on alone", () => {
  const policy = new Policy("auto", 2);
  assert.deepEqual(new Set(run(policy, 500, () => 20, false)), new Set([1]));
});
