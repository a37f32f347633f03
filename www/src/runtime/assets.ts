/**
 * Finds what belongs to this script: inline in the page (the one-file bundle) or beside it (everything else).
 * Nothing is fetched until something asks.
 */
import { failure } from "./protocol";

/** Larger than any model that is small enough for a tab. */
const MAX_DOWNLOAD_BYTES = 64 * 1024 * 1024;

/** A worker's script, by its name. */
export type Script = "pretune-worker" | "pretune-claims";
type Inline = Script | "pretune-wasm" | "pretune-worker-wasm" | "pretune-claims-wasm" | "pretune-base" | "pretune-assistant" | "pretune-results";
const BESIDE = {
  "pretune-wasm": "pretune.wasm",
  "pretune-worker-wasm": "pretune-worker.wasm",
  "pretune-base": "base.safetensors",
  "pretune-assistant": "assistant.safetensors",
  "pretune-results": "results.json",
  "pretune-worker": "pretune-worker.js",
  "pretune-claims": "pretune-claims.js",
  "pretune-claims-wasm": "pretune-claims.wasm",
} as const;

/** The folder of this script. Known only while it runs for the first time. */
const base = locate();

function locate(): string {
  if (typeof document === "undefined") return "";
  const current = document.currentScript;
  const script = current instanceof HTMLScriptElement && current.src ? current : document.querySelector<HTMLScriptElement>('script[src*="pretune.js"]');
  return new URL(".", script?.src || document.baseURI).href;
}

function inline(id: Inline): string | null {
  return document.querySelector(`script#${id}`)?.textContent ?? null;
}

/** A worker's file, if there is one beside this script. */
export function workerURL(script: Script): string | null {
  return inline(script) === null ? base + BESIDE[script] : null;
}

export async function workerSource(script: Script): Promise<string> {
  return inline(script) ?? new TextDecoder().decode(await download(base + BESIDE[script]));
}

export const baseModel = once(() => bytes("pretune-base"));
/** What the game of preferences begins with: a model that has read what people explain. */
export const assistantModel = once(() => bytes("pretune-assistant"));

/** The last frame of each figure's run with its default attributes, by tag, from when the page was built. */
export const results = once(async () => JSON.parse(new TextDecoder().decode(await bytes("pretune-results"))) as Record<string, unknown>);

/** The module that draws charts. */
export const chartsModule = once(() => compile("pretune-wasm"));
/** The module that trains. */
export const trainingModule = once(() => compile("pretune-worker-wasm"));
/** The module of the experiments. */
export const claimsModule = once(() => compile("pretune-claims-wasm"));

/** Compiled, or the bytes where the page's policy forbids it here (a worker file may still be allowed to). */
async function compile(id: Inline): Promise<WebAssembly.Module | Uint8Array> {
  const source = await bytes(id);
  if (typeof WebAssembly === "undefined" || !WebAssembly.validate(source)) {
    throw failure("no-simd", "This browser is too old to train a model.", "Any current browser can.");
  }
  try {
    return await WebAssembly.compile(source);
  } catch {
    return source;
  }
}

async function bytes(id: Inline): Promise<Uint8Array<ArrayBuffer>> {
  const text = inline(id);
  if (text === null) return download(base + BESIDE[id]);
  const packed = decodeBase64(text.trim());
  return new Uint8Array(await new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer());
}

function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const { fromBase64 } = Uint8Array as unknown as { fromBase64?(text: string): Uint8Array<ArrayBuffer> };
  return fromBase64 ? fromBase64.call(Uint8Array, text) : Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
}

/** Reads at most `limit` bytes, whatever the server says the length is. */
export async function download(url: string, limit = MAX_DOWNLOAD_BYTES): Promise<Uint8Array<ArrayBuffer>> {
  const name = url.slice(url.lastIndexOf("/") + 1);
  const lost = failure("no-file", `The file ${name} could not be loaded.`, "Check the connection, then reload the page.");
  const response = await fetch(url).catch(() => {
    throw lost;
  });
  if (!response.ok || !response.body) throw lost;
  const chunks: BlobPart[] = [];
  let size = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return new Uint8Array(await new Blob(chunks).arrayBuffer());
    size += value.length;
    if (size > limit) {
      void reader.cancel();
      throw failure("too-large", `The file ${name} is larger than ${Math.round(limit / 1024 ** 2)} MB.`, "Use a smaller one.");
    }
    chunks.push(value);
  }
}

/** Remembers success; a failure may be tried again. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let promise: Promise<T> | null = null;
  return () =>
    (promise ??= make().catch((error: unknown) => {
      promise = null;
      throw error;
    }));
}
