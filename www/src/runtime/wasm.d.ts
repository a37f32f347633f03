/** The glue that wasm-bindgen writes for `src/web/`; `build.mjs` points these names at the files it was given. */
declare module "pretune-wasm/worker" {
  import type { OpenBench, OpenSession, WasmBench, WasmSession } from "./protocol";

  export const Session: new (...given: Parameters<OpenSession>) => WasmSession;
  export const Bench: new (...given: Parameters<OpenBench>) => WasmBench;
  export function initSync(options: { module: WebAssembly.Module | Uint8Array }): void;
}

declare module "pretune-wasm/page" {
  import type { Theme } from "../theme";

  export function draw(tag: string, chart: string, frame: unknown, canvas: HTMLCanvasElement, theme: Theme): void;
  export function initSync(options: { module: WebAssembly.Module | Uint8Array }): void;
}

declare module "pretune-wasm/claims" {
  export class Claims {
    constructor(seed: number);
    run(name: string): Float64Array;
  }
  export function initSync(options: { module: WebAssembly.Module | Uint8Array }): void;
}
