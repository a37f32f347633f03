/** Runs the lesson's experiments in this tab, one after the other, in a worker of their own. Start at `runClaim`. */
import { PROTOCOL, failure } from "./protocol";
import type { Transport } from "./protocol";
import { connectClaims } from "./transports";

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
    worker.post({ type: "claim", name, seed, version: PROTOCOL, seq: 1 }, []);
  });
}
