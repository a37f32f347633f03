import assert from "node:assert/strict";
import { test } from "node:test";
import { PROTOCOL } from "../src/runtime/protocol";
import type { Received, Request } from "../src/runtime/protocol";
import { Engine } from "../src/runtime/engine";
import { FakeModel } from "./fake";

function setUp(stepMs = 1) {
  const posted: Received[] = [];
  const waiting: (() => void)[] = [];
  let clock = 0;
  let seq = 0;
  const models: FakeModel[] = [];
  const engine = new Engine({
    open: () => {
      const model = new FakeModel({}, 0);
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
    later: (callback) => waiting.push(callback),
    sliceMs: 12,
  });
  const send = (request: Exclude<Request, { type: "boot" }>, version = PROTOCOL) => {
    engine.receive({ ...request, version, seq: ++seq });
    return seq;
  };
  const turn = () => waiting.shift()?.();
  const frames = () => posted.filter(({ type }) => type === "frame").length;
  return { engine, posted, send, turn, models, frames, now: () => clock };
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
  assert.ok(Math.abs(models[0]!.weights.step - models[1]!.weights.step) <= 1);
  assert.ok(models[0]!.weights.step > 20);
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
  assert.equal((frame as { frame: { step: number } }).frame.step, models[0]!.weights.step);
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
  assert.equal(models[0]!.weights.step, 0);
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
  const { send, turn, posted } = setUp();
  send({ type: "open", id: 1, tag: "t", attributes: {} });
  turn();
  const before = posted.length;
  turn();
  assert.equal(posted.length, before);
});
