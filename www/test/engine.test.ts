import assert from "node:assert/strict";
import { test } from "node:test";
import { PROTOCOL } from "../src/runtime/protocol";
import type { Received, Request } from "../src/runtime/protocol";
import { Engine } from "../src/runtime/engine";
import type { Timings } from "../src/runtime/bench";
import { FakeBench, FakeModel } from "./fake";
import type { Plan } from "./fake";

function setUp(stepMs = 1, plan: Plan = {}) {
  const posted: Received[] = [];
  const waiting: (() => void)[] = [];
  let clock = 0;
  let seq = 0;
  const models: FakeModel[] = [];
  const benches: FakeBench[] = [];
  const engine = new Engine({
    open: () => {
      const model = new FakeModel({ ...plan }, 0);
      const step = model.step.bind(model);
      model.step = () => {
        clock += stepMs;
        return step();
      };
      models.push(model);
      return model;
    },
    post: (message) => posted.push(message),
    now: () => clock,
    bench: (config) => {
      const bench = new FakeBench(() => (clock += 1));
      if (config !== "probe") benches.push(bench);
      return bench;
    },
    later: (callback) => waiting.push(callback),
    after: () => {},
    sliceMs: 12,
    cores: 1,
  });
  const send = (request: Exclude<Request, { type: "boot" | "help" | "claim" }>, version = PROTOCOL) => {
    engine.receive({ ...request, version, seq: ++seq });
    return seq;
  };
  const turn = () => waiting.shift()?.();
  const frames = () => posted.filter(({ type }) => type === "frame").length;
  return { engine, waiting, posted, send, turn, models, benches, frames, now: () => clock };
}

test("a slice lasts no longer than its time and one step", () => {
  const { send, turn, now } = setUp(5);
  send({ type: "open", id: 1, tag: "t", attributes: {} });
  send({ type: "run", id: 1 });
  turn();
  assert.ok(now() <= 12 + 5, `${now()} ms`);
});

test("two sessions learn at the same pace", () => {
  const { send, turn, models } = setUp(5);
  for (const id of [1, 2]) send({ type: "open", id, tag: "t", attributes: {} });
  for (const id of [1, 2]) send({ type: "run", id });
  for (let i = 0; i < 50; i++) turn();
  assert.ok(Math.abs(models[0]!.state.step - models[1]!.state.step) <= 1);
  assert.ok(models[0]!.state.step > 20);
});

test("frames wait for the page, and then the latest one comes", () => {
  const { send, turn, frames, posted, models } = setUp();
  send({ type: "open", id: 1, tag: "t", attributes: {} });
  send({ type: "run", id: 1 });
  for (let i = 0; i < 30; i++) turn();
  assert.equal(frames(), 1, "unacknowledged");
  send({ type: "ack", id: 1 });
  turn();
  assert.equal(frames(), 2);
  const frame = posted.filter((message) => message.type === "frame").at(-1);
  assert.equal((frame as { frame: { step: number } }).frame.step, models[0]!.state.step);
});

test("what has ended is not said to have ended after a command, which may have given it more to do", () => {
  const { send, turn, posted } = setUp(1, { steps: 3 });
  const last = () => posted.filter((message) => message.type === "frame").at(-1) as { finished: boolean };
  const see = () => {
    for (let i = 0; i < 10; i++) {
      turn();
      send({ type: "ack", id: 1 });
    }
    return last().finished;
  };
  send({ type: "open", id: 1, tag: "t", attributes: {} });
  send({ type: "run", id: 1 });
  assert.equal(see(), true);
  send({ type: "command", id: 1, command: { type: "anything" }, keep: false });
  assert.equal(see(), false);
  send({ type: "run", id: 1 });
  assert.equal(see(), true);
});

test("no more than twenty frames a second, however fast the page is", () => {
  const { send, turn, frames, now } = setUp();
  send({ type: "open", id: 1, tag: "t", attributes: {} });
  send({ type: "run", id: 1 });
  while (now() < 900) {
    turn();
    send({ type: "ack", id: 1 });
  }
  assert.ok(frames() >= 10 && frames() <= 20, `${frames()} frames`);
});

test("a request is cancelled while it waits, not after", () => {
  const { send, turn, posted, models } = setUp();
  send({ type: "open", id: 1, tag: "t", attributes: {} });
  turn();
  const step = send({ type: "step", id: 1 });
  send({ type: "cancel", of: step });
  turn();
  assert.equal(models[0]!.state.step, 0);
  assert.ok(posted.some((message) => message.type === "throw" && message.seq === step && message.failure.code === "cancelled"));
  send({ type: "cancel", of: step });
  assert.equal(posted.filter((message) => message.type === "throw").length, 1);
});

test("nothing is done for another version's request", () => {
  const { send, turn, posted } = setUp();
  const seq = send({ type: "open", id: 1, tag: "t", attributes: {} }, PROTOCOL + 1);
  turn();
  assert.deepEqual(posted.map((message) => message.type === "throw" && [message.seq, message.failure.code]), [[seq, "protocol"]]);
});

test("an idle engine asks for no turns", () => {
  const { send, turn, posted, waiting } = setUp();
  send({ type: "open", id: 1, tag: "t", attributes: {} });
  for (let i = 0; i < 5; i++) turn();
  const before = posted.length;
  assert.equal(waiting.length, 0);
  turn();
  assert.equal(posted.length, before);
});

test("Train: the first frame that comes shows the first step", () => {
  const { send, turn, posted } = setUp(100);
  send({ type: "open", id: 1, tag: "t", attributes: {} });
  for (let i = 0; i < 5; i++) turn();
  send({ type: "ack", id: 1 });
  const before = posted.length;
  send({ type: "command", id: 1, command: { type: "reset" }, keep: true });
  send({ type: "run", id: 1 });
  for (let i = 0; i < 3; i++) turn();
  const frames = posted.slice(before).flatMap((message) => (message.type === "frame" ? [(message.frame as { step: number }).step] : []));
  assert.deepEqual(frames.slice(0, 1), [1]);
});

test("one step is a whole one, and what is asked meanwhile waits for its end", () => {
  const { send, turn, posted, models } = setUp(1, { shards: 8 });
  send({ type: "open", id: 1, tag: "t", attributes: {} });
  turn();
  const step = send({ type: "step", id: 1 });
  const command = send({ type: "command", id: 1, command: { type: "say" }, keep: false });
  for (let i = 0; i < 20; i++) turn();
  assert.equal(models[0]!.state.step, 1);
  const answers = posted.flatMap((message) => (message.type === "return" ? [message.seq] : []));
  assert.ok(answers.indexOf(step) < answers.indexOf(command));
});

test("on a device ten times slower, what is asked waits for one unit at most", () => {
  const { send, turn, posted, now } = setUp(130, { shards: 8 });
  send({ type: "open", id: 1, tag: "t", attributes: {} });
  send({ type: "run", id: 1 });
  for (let i = 0; i < 21; i++) turn();
  const begun = now();
  const pause = send({ type: "pause", id: 1 });
  while (!posted.some((message) => message.type === "return" && message.seq === pause)) turn();
  assert.ok(now() - begun <= 130, `${now() - begun} ms`);
});

test("a bench is timed in slices, stops when told, and gives back its memory", () => {
  const { send, turn, posted, now, benches } = setUp();
  send({ type: "open", id: 1, tag: "t", attributes: {} });
  const whole = send({ type: "bench", id: 1, config: "micro", seconds: 0.1 });
  const dropped = send({ type: "bench", id: 1, config: "micro", seconds: 0.1 });
  let longest = 0;
  for (let i = 0; i < 100; i++) {
    const begun = now();
    turn();
    longest = Math.max(longest, now() - begun);
    if (i === 5) send({ type: "cancel", of: dropped });
  }
  assert.ok(longest <= 12 + 8 + 13, `${longest} ms: a slice, a sample, and the probe of the device when all is done`);
  const answer = posted.find((message) => message.type === "return" && message.seq === whole) as { value: Timings };
  assert.deepEqual(answer.value.cases.map(({ name, ms }) => [name, ms]), [["gemm", 1], ["step", 1]]);
  assert.deepEqual(answer.value.loss, [4.9, 4.8, 4.7]);
  assert.ok(posted.some((message) => message.type === "throw" && message.seq === dropped));
  assert.ok(benches.every(({ freed }) => freed));
});
