/** A helper's side of `team.ts`: a replica that computes the shards it is told to, and follows the weights it is sent. */
import type { OpenSession, Share, Task, WasmSession } from "./protocol";

interface Port {
  postMessage(message: Share, transfer: Transferable[]): void;
  onmessage: ((event: MessageEvent<Task>) => void) | null;
}

export function help(port: Port, open: OpenSession): void {
  let session: WasmSession | null = null;
  let shards: number[] = [];

  function replace({ tag, attributes, snapshot, first, n_shards }: Extract<Task, { type: "replica" }>): WasmSession {
    const replica = (session ??= open(tag, attributes));
    replica.restore(snapshot);
    shards = Array.from({ length: n_shards }, (_, i) => first + i);
    return replica;
  }

  port.onmessage = ({ data }) => {
    try {
      const replica = data.type === "replica" ? replace(data) : session;
      if (!replica) throw new Error("weights before a replica");
      if (data.type === "weights") replica.follow(new Float32Array(data.buffer, 0, replica.weightsLength()));
      for (const shard of shards) replica.shard(shard);
      replica.partial(new Float32Array(data.buffer, 0, replica.partialLength()));
      port.postMessage({ type: "sum", buffer: data.buffer }, [data.buffer]);
    } catch {
      // Whatever it was, the engine can do without; its own copy will tell if it is not this worker's fault.
      port.onmessage = null;
      port.postMessage({ type: "lost" }, []);
    }
  };
}
