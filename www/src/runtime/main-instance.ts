/**
 * Instances of the modules on the main thread. The one that draws is made for the first chart (plotters needs a real
 * canvas), the one that trains only where no worker may. Null where the page's policy forbids WebAssembly here; charts are
 * then shown as their tables.
 */
import { draw, initSync as initCharts } from "pretune-wasm/page";
import { Bench, Session, initSync as initTraining } from "pretune-wasm/worker";
import { chartsModule, trainingModule } from "./assets";

type Module = WebAssembly.Module | Uint8Array;

export interface Charts {
  draw: typeof draw;
}

export interface Training {
  Session: typeof Session;
  Bench: typeof Bench;
}

/** What draws charts. */
export const charts = started(chartsModule, initCharts, { draw });

/** What trains. */
export const training = started(trainingModule, initTraining, { Session, Bench });

function started<T>(load: () => Promise<Module>, init: (options: { module: Module }) => void, exports: T): () => Promise<T | null> {
  let instance: Promise<T | null> | null = null;
  const start = async () => {
    try {
      init({ module: await load() });
      return exports;
    } catch {
      return null;
    }
  };
  return () => (instance ??= start());
}
