/** The glue that wasm-bindgen writes for `src/web.rs`; `build.mjs` points this name at the file it was given. */
declare module "pretune-wasm" {
  import type { Theme } from "../theme";
  import type { Command, Files, WasmSession } from "./protocol";

  export class Session implements WasmSession {
    constructor(tag: string, attributes: Record<string, string>, model?: Uint8Array);
    command(command: Command): void;
    step(): boolean;
    frame(): unknown;
    snapshot(): Uint8Array;
    restore(bytes: Uint8Array): void;
    files(): Files;
    open(files: Files): void;
    free(): void;
  }
  export function draw(tag: string, chart: string, frame: unknown, canvas: HTMLCanvasElement, theme: Theme): void;
  export function initSync(options: { module: WebAssembly.Module | Uint8Array }): void;
}
