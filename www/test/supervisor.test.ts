import assert from "node:assert/strict";
import { test } from "node:test";
import { Supervisor } from "../src/runtime/supervisor";
import type { Listener } from "../src/runtime/session";
import type { Failure } from "../src/runtime/protocol";
import { FakeModel, FakeWorker, isFailure, until } from "./fake";
import type { FakeFrame, Plan } from "./fake";

class Seen implements Listener {
  frames: FakeFrame[] = [];
  restarts = 0;
  failures: Failure[] = [];
  finished = false;
  frame(frame: unknown, _running: boolean, finished: boolean) {
    this.frames.push(frame as FakeFrame);
    this.finished ||= finished;
  }
  snapshot() {}
  restarted() {
    this.restarts++;
  }
  failed(failure: Failure) {
    this.failures.push(failure);
  }
  get last() {
    return this.frames.at(-1);
  }
}

/** Each new worker takes the next plan; the last one serves all that follow. */
function setUp(...plans: Plan[]) {
  const workers: FakeWorker[] = [];
  const supervisor = new Supervisor(async () => {
    const worker = new FakeWorker(plans[Math.min(workers.length, plans.length - 1)]);
    workers.push(worker);
    return worker;
  });
  return { workers, supervisor };
}

function undisturbed(steps: number): number {
  const model = new FakeModel({}, 0);
  for (let i = 0; i < steps; i++) model.step();
  return model.state.value;
}

const start = { tag: "pretune-test", attributes: {} };

test("a run to the end gives the frames of the model and one worker", async () => {
  const { workers, supervisor } = setUp({});
  const seen = new Seen();
  const session = await supervisor.open({ ...start }, seen);
  await session.run();
  await until(() => seen.finished);
  assert.equal(seen.last?.step, 1000);
  assert.equal(seen.last?.value, undisturbed(1000));
  assert.equal(workers.length, 1);
  assert.equal(session.running, false);
});

test("after a trap the worker is replaced and training ends with the same weights", async () => {
  const { workers, supervisor } = setUp({ trapAt: 500 }, {});
  const seen = new Seen();
  const session = await supervisor.open({ ...start }, seen);
  await session.run();
  await until(() => seen.finished);
  assert.equal(workers.length, 2);
  assert.ok(workers[0]!.terminated);
  assert.equal(seen.restarts, 1);
  assert.equal(seen.last?.value, undisturbed(1000));
});

test("a neighbour of the session that trapped loses nothing either", async () => {
  const { supervisor } = setUp({}, {});
  const [one, two] = [new Seen(), new Seen()];
  const guilty = await supervisor.open({ ...start }, one);
  const neighbour = await supervisor.open({ ...start }, two);
  await neighbour.run();
  await assert.rejects(guilty.command({ type: "panic" }), isFailure("trap"));
  await until(() => two.finished);
  assert.equal(two.last?.value, undisturbed(1000));
  assert.equal(one.failures.length, 0);
});

test("commands since the last snapshot are repeated after a trap, the one that trapped is not", async () => {
  const { supervisor } = setUp({}, {});
  const seen = new Seen();
  const session = await supervisor.open({ ...start }, seen);
  await session.command({ type: "say", text: "a" } as { type: string });
  await session.command({ type: "say", text: "b" } as { type: string }, true);
  await session.command({ type: "say", text: "c" } as { type: string });
  await assert.rejects(session.command({ type: "panic" }), isFailure("trap"));
  await until(() => seen.restarts === 1 && seen.last?.text === "abc");
});

test("a refusal of the core answers its request and harms nothing", async () => {
  const { workers, supervisor } = setUp({});
  const session = await supervisor.open({ ...start }, new Seen());
  await assert.rejects(session.command({ type: "refuse" }), isFailure("input"));
  await session.command({ type: "say" });
  assert.equal(workers.length, 1);
  assert.deepEqual(session.journal.length, 1);
});

test("a pause that is not heard ends the worker within the time limit and keeps the model", async () => {
  const { workers, supervisor } = setUp({ deafAt: 1 }, {});
  const seen = new Seen();
  const session = await supervisor.open({ ...start }, seen);
  await session.run();
  await until(() => (seen.last?.step ?? 0) > 0);
  const begun = Date.now();
  await session.pause();
  assert.ok(Date.now() - begun < 1000);
  assert.ok(workers[0]!.terminated);
  await until(() => workers[1]?.models.length === 1);
  const step = workers[1]!.models[0]!.state.step;
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(workers[1]!.models[0]!.state.step, step, "it stands still");
  await session.run();
  await until(() => seen.finished);
  assert.equal(seen.last?.value, undisturbed(1000));
});

test("a session that traps again and again is given up, and says so", async () => {
  const { supervisor } = setUp({ trapAt: 3 }, { trapAt: 3 }, { trapAt: 3 }, {});
  const seen = new Seen();
  const session = await supervisor.open({ ...start }, seen);
  await session.run();
  await until(() => seen.failures.length > 0);
  assert.equal(seen.failures[0]?.code, "gave-up");
  await assert.rejects(session.step(), isFailure("closed"));
});

test("the worker ends with its last session, and a new session starts another", async () => {
  const { workers, supervisor } = setUp({});
  const one = await supervisor.open({ ...start }, new Seen());
  const two = await supervisor.open({ ...start }, new Seen());
  assert.equal(workers.length, 1);
  await one.close();
  assert.equal(workers[0]!.terminated, false);
  await two.close();
  assert.equal(workers[0]!.terminated, true);
  await (await supervisor.open({ ...start }, new Seen())).step();
  assert.equal(workers.length, 2);
});

test("no runtime: opening rejects with the reason", async () => {
  const supervisor = new Supervisor(() => Promise.reject({ code: "no-runtime", message: "no", action: "" }));
  await assert.rejects(supervisor.open({ ...start }, new Seen()), isFailure("no-runtime"));
});

test("a worker that dies without a word is replaced", async () => {
  const { workers, supervisor } = setUp({}, {});
  const seen = new Seen();
  const session = await supervisor.open({ ...start }, seen);
  await session.run();
  await until(() => (seen.last?.step ?? 0) > 100);
  workers[0]!.onfault();
  await until(() => seen.finished);
  assert.equal(seen.last?.value, undisturbed(1000));
});

test("a third figure puts two that do not train to sleep, and each goes on where it was", async () => {
  const { workers, supervisor } = setUp({});
  const seen = [new Seen(), new Seen(), new Seen()];
  const sessions = [];
  for (const listener of seen.slice(0, 2)) sessions.push(await supervisor.open({ ...start }, listener));
  await sessions[0]!.command({ type: "say", text: "a" } as { type: string });
  await sessions[1]!.run();
  await until(() => seen[1]!.finished);
  sessions.push(await supervisor.open({ ...start }, seen[2]!));
  assert.equal(workers.length, 2);
  assert.ok(workers[0]!.terminated, "its memory is given back");
  assert.equal(workers[1]!.models.length, 1, "nobody is woken without need");
  await sessions[0]!.command({ type: "say", text: "b" } as { type: string });
  await until(() => seen[0]!.last?.text === "ab");
  await sessions[0]!.run();
  await until(() => seen[0]!.finished);
  assert.equal(seen[0]!.last?.value, undisturbed(1000));
  assert.equal((await sessions[1]!.snapshot()).length > 0, true);
  assert.deepEqual(seen.map(({ restarts, failures }) => [restarts, failures.length]), [[0, 0], [0, 0], [0, 0]]);
});

test("figures that train are left alone", async () => {
  const { workers, supervisor } = setUp({});
  const seen = [new Seen(), new Seen(), new Seen()];
  const sessions = await Promise.all(seen.map((listener) => supervisor.open({ ...start }, listener)));
  await Promise.all(sessions.map((session) => session.run()));
  await until(() => seen.every(({ finished }) => finished));
  assert.equal(workers.length, 1);
  assert.ok(seen.every(({ last }) => last?.value === undisturbed(1000)));
});

test("when nothing is asked for a while the worker is ended, and the next request starts another", async () => {
  const workers: FakeWorker[] = [];
  const connectTo = async () => workers[workers.push(new FakeWorker({})) - 1]!;
  const supervisor = new Supervisor(connectTo, connectTo, 20);
  const seen = new Seen();
  const session = await supervisor.open({ ...start }, seen);
  await session.command({ type: "say", text: "a" } as { type: string });
  await until(() => workers[0]!.terminated);
  await session.pause();
  assert.equal(workers.length, 1, "a pause wakes nobody");
  void session.run();
  await session.command({ type: "say", text: "b" } as { type: string });
  await until(() => seen.finished);
  assert.equal(seen.last?.text, "ab");
  assert.equal(seen.last?.value, undisturbed(1000));
});
