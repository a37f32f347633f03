/** The same in Node: the page's runtime over `worker_threads`. Run by `bench-node.mjs`, which gives the worker's script. */
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { PROTOCOL } from "../runtime/protocol";
import type { Received, Transport } from "../runtime/protocol";
import { Supervisor } from "../runtime/supervisor";
import { measure } from "./measure";

/**
 * What a browser gives a worker and Node does not. A port of Node's delivers up to a thousand messages before others get
 * their turn, so one that a worker sends to itself would keep the page's away.
 */
const SCOPE = `
const { parentPort } = require("node:worker_threads");
globalThis.self = globalThis;
globalThis.navigator ??= { hardwareConcurrency: require("node:os").availableParallelism() };
self.addEventListener ??= () => {};
globalThis.MessageChannel = class {
  port1 = { onmessage: null };
  port2 = { postMessage: () => void setImmediate(() => this.port1.onmessage?.()) };
};
self.postMessage = (message, transfer) => parentPort.postMessage(message, transfer);
parentPort.on("message", (data) => self.onmessage({ data }));
`;

async function connect(script: string, wasm: WebAssembly.Module): Promise<Transport> {
  const worker = new Worker(SCOPE + script, { eval: true });
  const transport: Transport = {
    kind: "blob",
    post: (message, transfer) => worker.postMessage(message, transfer as never),
    onreply: () => {},
    onfault: () => {},
    terminate: () => void worker.terminate(),
  };
  worker.on("message", (message: Received) => transport.onreply(message));
  worker.on("error", () => transport.onfault());
  await new Promise<void>((resolve, reject) => {
    transport.onfault = () => reject(new Error("the worker does not start"));
    transport.onreply = ({ type }) => type === "return" && resolve();
    transport.post({ type: "boot", wasm, version: PROTOCOL, seq: 0 }, []);
  });
  return transport;
}

const { values } = parseArgs({ options: { script: { type: "string" }, wasm: { type: "string" }, config: { type: "string", default: "micro" }, seconds: { type: "string", default: "10" }, cases: { type: "string" } } });
const script = await readFile(values.script ?? "", "utf8");
const wasm = await WebAssembly.compile(new Uint8Array(await readFile(values.wasm ?? "")));
const start = () => connect(script, wasm);
const report = await measure(new Supervisor(start, start), {
  config: values.config,
  seconds: Number(values.seconds),
  cases: values.cases?.split(","),
  engine: "node",
  userAgent: `Node.js ${process.version}, V8 ${process.versions.v8}`,
});
console.log(JSON.stringify(report));
