/**
 * The module's instance on the main thread: it draws the charts (plotters needs a real canvas), and trains only where
 * no worker may. Null where the page's policy forbids WebAssembly here; charts are then shown as their tables.
 */
import { Bench, Session, draw, initSync } from "pretune-wasm";
import { wasmModule } from "./assets";

export interface Instance {
  Session: typeof Session;
  Bench: typeof Bench;
  draw: typeof draw;
}

let instance: Promise<Instance | null> | null = null;

export function mainInstance(): Promise<Instance | null> {
  return (instance ??= start());
}

async function start(): Promise<Instance | null> {
  try {
    initSync({ module: await wasmModule() });
    return { Session, Bench, draw };
  } catch {
    return null;
  }
}
