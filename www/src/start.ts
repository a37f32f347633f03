/** Turns a figure's attributes into what a session starts with: everything that has to be fetched is fetched here. */
import { assistantModel, baseModel, download } from "./runtime/assets";
import { failure } from "./runtime/protocol";
import type { Files } from "./runtime/protocol";
import type { SessionStart } from "./runtime/session";
import { store } from "./store";
import type { Settings } from "./url-state";
import { unpack } from "./zip";

const MAX_TEXT_BYTES = 4 * 1024 * 1024;
const ACTION = "Check the address in the page's source.";

export interface Start extends SessionStart {
  files?: Files;
  corpus?: { name: string; text: string; tokenizer: string };
  /** The key of a sentence to show. */
  notice?: "noBase" | "noMine";
}

export async function wholeStart(element: HTMLElement, attributes: Settings, snapshot: Uint8Array | null, withModel: boolean): Promise<Start> {
  const start: Start = { tag: element.localName, attributes: { ...attributes } };
  if (snapshot) return { ...start, snapshot };
  await addCorpus(start, element);
  if (withModel) await addModel(start);
  return start;
}

/** The text may be a child of the element, an address, or one of the core's own (which the core knows by name). */
async function addCorpus(start: Start, element: HTMLElement): Promise<void> {
  const { corpus, tokenizer = "word" } = start.attributes;
  const child = element.querySelector<HTMLScriptElement>(":scope > script[type='text/plain']");
  if (child) {
    start.corpus = { name: child.title || "inline", text: child.textContent ?? "", tokenizer };
  } else if (corpus && isAddress(corpus)) {
    const text = new TextDecoder().decode(await download(resolve(corpus), MAX_TEXT_BYTES));
    start.corpus = { name: corpus.slice(corpus.lastIndexOf("/") + 1), text, tokenizer };
    delete start.attributes["corpus"];
  }
}

async function addModel(start: Start): Promise<void> {
  const model = start.attributes["model"] ?? "base";
  if (isAddress(model)) {
    start.files = await folder(resolve(model));
    delete start.attributes["model"];
    return;
  }
  const mine = model === "mine" ? await store.mine() : null;
  if (mine) {
    start.model = mine.snapshot;
    return;
  }
  if (model === "mine") {
    start.notice = "noMine";
    start.attributes["model"] = "base";
  }
  if (start.attributes["model"] === "random") return;
  try {
    // The game aligns a model of its own, which has read how people explain.
    start.model = await (start.tag === "pretune-rlhf-game" ? assistantModel() : baseModel());
  } catch {
    start.notice = "noBase";
  }
}

async function folder(url: string): Promise<Files> {
  if (new URL(url).pathname.endsWith(".zip")) return unpack(await download(url));
  const names = ["config.json", "tokenizer.json", "model.safetensors"];
  return Promise.all(names.map(async (name): Promise<Files[number]> => [name, await download(`${url.replace(/\/$/, "")}/${name}`)]));
}

function isAddress(value: string): boolean {
  return /[/.:]/.test(value);
}

function resolve(address: string): string {
  const url = new URL(address, document.baseURI);
  if (!/^(https?|file|blob):$/.test(url.protocol)) throw failure("no-file", `${url.protocol} addresses are not loaded.`, ACTION);
  return url.href;
}
