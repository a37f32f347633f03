/** The glue that wasm-bindgen writes for `src/web.rs`; `build.mjs` points this name at the file it was given. */
declare module "pretune-wasm" {
  import type { Theme } from "../theme";
  import type { OpenBench, OpenSession, WasmBench, WasmSession } from "./protocol";

  export const Session: new (...given: Parameters<OpenSession>) => WasmSession;
  export const Bench: new (...given: Parameters<OpenBench>) => WasmBench;
  export function draw(tag: string, chart: string, frame: unknown, canvas: HTMLCanvasElement, theme: Theme): void;
  export function initSync(options: { module: WebAssembly.Module | Uint8Array }): void;
}
