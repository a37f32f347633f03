/** "How it picks a token": what temperature and each cut leave of the model's own chances. */
import { html } from "lit";
import type { TemplateResult } from "lit";
import { slider } from "../../components/field";
import type { Format } from "../../format";
import type { Frame, Sampling } from "../../frames/next-token";
import type { Strings } from "../../strings";
import type { Settings } from "../../url-state";

/** As transformers has it: 0 (top-k, min-p) and 1 (the others) mean "off". */
export const DEFAULTS: Sampling = { temperature: 1, top_k: 0, top_p: 1, min_p: 0, repetition_penalty: 1 };
const KEYS = Object.keys(DEFAULTS) as (keyof Sampling)[];

const attribute = (key: string) => key.replaceAll("_", "-");

export function fromSettings(settings: Settings): Sampling {
  const sampling = { ...DEFAULTS };
  for (const key of KEYS) {
    const value = Number.parseFloat(settings[attribute(key)] ?? "");
    if (Number.isFinite(value)) sampling[key] = value;
  }
  return sampling;
}

export function toSettings(sampling: Sampling): Settings {
  return Object.fromEntries(KEYS.map((key) => [attribute(key), String(sampling[key])]));
}

/** The attributes' names, and what an address without them says. */
export const UNSET: Settings = toSettings(DEFAULTS);

export interface SamplingView {
  frame: Frame;
  strings: Strings;
  format: Format;
  sampling: Sampling;
  length: number;
  onchange: (change: Partial<Sampling>) => void;
  onlength: (length: number) => void;
}

export function renderSampling({ frame, strings, format, sampling, length, onchange, onlength }: SamplingView): TemplateResult {
  const words = strings.nextToken.sampling;
  const put = (key: keyof Sampling) => (value: number) => onchange({ [key]: value });
  const shown = (key: keyof Sampling) => (sampling[key] === DEFAULTS[key] && key !== "temperature" ? strings.off : format.decimal(sampling[key]));
  return html`<div class="fields">
      ${slider({ label: words.temperature, hint: words.temperatureHint, min: 0, max: 2, step: 0.05, value: sampling.temperature, text: shown("temperature"), onchange: put("temperature") })}
      ${slider({ label: words.topK, hint: words.topKHint, min: 0, max: 20, step: 1, value: sampling.top_k, text: shown("top_k"), onchange: put("top_k") })}
      ${slider({ label: words.topP, hint: words.topPHint, min: 0.05, max: 1, step: 0.05, value: sampling.top_p, text: shown("top_p"), onchange: put("top_p") })}
    </div>
    <p aria-live="polite">${words.kept(format.integer(frame.n_kept), format.integer(frame.vocab_size))}</p>
    <details class="more">
      <summary>${strings.more}</summary>
      <div class="fields">
        ${slider({ label: words.minP, hint: words.minPHint, min: 0, max: 1, step: 0.01, value: sampling.min_p, text: shown("min_p"), onchange: put("min_p") })}
        ${slider({ label: words.repetition, hint: words.repetitionHint, min: 1, max: 2, step: 0.05, value: sampling.repetition_penalty, text: shown("repetition_penalty"), onchange: put("repetition_penalty") })}
        ${slider({ label: words.length, min: 1, max: 64, step: 1, value: length, text: format.integer(length), onchange: onlength })}
      </div>
    </details>`;
}
