/**
 * Model folders as zip files. fflate rather than client-zip because it also reads; its synchronous half alone, because
 * the other starts workers from generated code. Whatever is read here came from a stranger.
 */
import { unzipSync, zipSync } from "fflate";
import { failure } from "./runtime/protocol";
import type { Files } from "./runtime/protocol";

const MAX_FILES = 64;
const MAX_FILE_BYTES = 64 * 1024 * 1024;
const MAX_TOTAL_BYTES = 96 * 1024 * 1024;
const WANTED = /^(config|tokenizer|tokenizer_config|generation_config|special_tokens_map|vocab|probe|adapter_config)\.json$|^merges\.txt$|^preferences\.jsonl$|^(adapter_)?model\.safetensors$/;
/** Folders of a download whose files have the names of the model's own. */
const OTHERS = /(^|\/)(reference|reward_model)\//;
/** Of an adapter, and of a whole model. */
const NEEDED = [["adapter_config.json", "adapter_model.safetensors"], ["config.json", "model.safetensors", "tokenizer.json"]] as const;
const ACTION = "Choose the zip of a GPT-2 folder as this figure, transformers or PEFT writes it.";

/** Stored, not deflated: weights do not compress. */
export function pack(folder: string, files: Files): Uint8Array<ArrayBuffer> {
  return zipSync(Object.fromEntries(files.map(([name, bytes]) => [`${folder}/${name}`, bytes])), { level: 0 });
}

/**
 * The files of a folder with a model or an adapter, wherever in the zip it lies. Sizes are checked before anything is inflated, and each
 * file is inflated into a buffer of the size that was checked, so a lying header cannot allocate more.
 */
export function unpack(zip: Uint8Array): Files {
  const files = new Map<string, Uint8Array>();
  let seen = 0;
  let total = 0;
  let entries: Record<string, Uint8Array>;
  try {
    entries = unzipSync(zip, {
      filter({ name, originalSize }) {
        if (++seen > MAX_FILES) throw failure("too-large", `The zip holds more than ${MAX_FILES} files.`, ACTION);
        if (!WANTED.test(baseName(name)) || OTHERS.test(name)) return false;
        total += originalSize;
        if (originalSize > MAX_FILE_BYTES || total > MAX_TOTAL_BYTES) {
          throw failure("too-large", `${baseName(name)} is too large for a browser tab.`, `At most ${MAX_FILE_BYTES / 1024 ** 2} MB a file.`);
        }
        return true;
      },
    });
  } catch (error) {
    if (error instanceof Error) throw failure("bad-file", "This is not a zip that can be read.", ACTION);
    throw error;
  }
  for (const [path, bytes] of Object.entries(entries)) {
    const name = baseName(path);
    if (files.has(name)) throw failure("bad-file", `The zip holds ${name} twice.`, ACTION);
    files.set(name, bytes);
  }
  const [adapter, model] = NEEDED;
  for (const name of files.has(adapter[0]) ? adapter : model) {
    if (!files.has(name)) throw failure("bad-file", `The zip holds no ${name}.`, ACTION);
  }
  return [...files];
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
