/** Runs the lesson's experiments in this tab, one after the other, in a worker of their own. Start at `runClaim`. */
import { baseModel } from "./assets";
import { PROTOCOL, failure } from "./protocol";
import type { Transport } from "./protocol";
import { connectClaims } from "./transports";

/** The seed of the shipped model, which is then not trained again. */
const SHIPPED = 0;

let transport: Promise<Transport> | null = null;
let last: Promise<unknown> = Promise.resolve();

/**
 * Runs an experiment to its end: a number for each of its measures, with the bits that every other machine gets. It waits
 * for experiments that were asked for before; ending it through `signal` ends the worker.
 */
export function runClaim(name: string, seed: number, signal: AbortSignal): Promise<number[]> {
  const run = last.then(() => exchange(name, seed, signal));
  last = run.catch(() => {});
  return run;
}

async function exchange(name: string, seed: number, signal: AbortSignal): Promise<number[]> {
  const cancelled = failure("cancelled", "Cancelled.", "");
  if (signal.aborted) throw cancelled;
  transport ??= connectClaims();
  const model = seed === SHIPPED ? await baseModel().catch(() => undefined) : undefined;
  const worker = await transport.catch((error: unknown) => {
    transport = null;
    throw error;
  });
  return new Promise((resolve, reject) => {
    const stop = (reason: unknown) => {
      worker.terminate();
      transport = null;
      reject(reason);
    };
    const abort = () => stop(cancelled);
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort, { once: true });
    worker.onfault = () => stop(failure("trap", "The experiment stopped unexpectedly.", "Run it again."));
    worker.onreply = (message) => {
      signal.removeEventListener("abort", abort);
      if (message.type === "return") resolve(message.value as number[]);
      else if (message.type === "throw") stop(message.failure);
    };
    worker.post({ type: "claim", name, seed, ...(model && { model }), version: PROTOCOL, seq: 1 }, []);
  });
}
