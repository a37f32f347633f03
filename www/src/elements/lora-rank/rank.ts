/** The slider, its places with what is known of each, and the numbers of the rank in hand. */
import { html } from "lit";
import type { TemplateResult } from "lit";
import { readout } from "../../components/readout";
import { styled } from "../../components/styled";
import type { Format } from "../../format";
import type { Frame, Place } from "../../frames/lora-rank";
import type { Strings } from "../../strings";

export interface View {
  frame: Frame;
  /** The place in hand, which is ahead of the frame while the slider moves. */
  hand: number;
  strings: Strings;
  format: Format;
}

/** What a place is called in a sentence. */
export function nameOf({ label, rank }: Place, strings: Strings): string {
  return rank === null ? strings.loraRank.full : strings.loraRank.rankOf(label);
}

export function renderRank({ frame, hand, strings }: View, onchange: (place: number) => void): TemplateResult {
  const words = strings.loraRank;
  const place = frame.runs[hand]!;
  const last = frame.runs.length - 1;
  const state = place.done ? "done" : frame.learning === hand ? "learning" : "waiting";
  const text = words.place(nameOf(place, strings), words.state[state]);
  return html`<div class="rank">
    <label class="field slider" part="field">
      <span class="name">${words.rank}</span><span class="value" aria-hidden="true">${place.rank === null ? words.full : place.label}</span>
      <input type="range" min="0" max=${last} step="1" .value=${String(hand)} aria-valuetext=${text} @input=${(event: Event) => onchange((event.target as HTMLInputElement).valueAsNumber)} />
    </label>
    <div class="ticks" aria-hidden="true">
      ${frame.runs.map(({ label, done, step, steps }, i) => {
        const share = done ? 1 : steps > 0 ? step / steps : 0;
        return html`<span class="tick ${i === hand ? "in-hand" : ""}" ${styled({ "--at": String(i / last), "--share": `${Math.round(share * 100)}%` })} @click=${() => onchange(i)}><i></i>${label}</span>`;
      })}
    </div>
    <p class="hint">${words.rankHint}</p>
  </div>`;
}

/** `ms`: milliseconds of each place's run, as far as they were measured here. */
export function renderNumbers({ frame, hand, strings, format }: View, ms: ReadonlyMap<number, number>): TemplateResult {
  const words = strings.loraRank;
  const place = frame.runs[hand]!;
  const full = frame.runs.at(-1)!;
  const measure = words.readout;
  const compared = (value: string) => (place.rank === null ? measure.alone : measure.compare(value));
  const of = (n: number | null, all: number) => (n === null ? "–" : measure.of(format.integer(n), format.integer(all)));
  const rise = (value: number | null) => (value === null ? "–" : format.change(value));
  const time = (i: number) => (ms.has(i) ? format.time(ms.get(i)! / 1000) : "–");
  return html`<div class="numbers">
    ${readout([
      [measure.trained, format.integer(place.trained), measure.share(format.percent(place.share), format.integer(frame.n_params))],
      [measure.asked[frame.task], of(place.asked, frame.n_asked), compared(of(full.asked, frame.n_asked))],
      [measure.kept, of(place.kept, frame.n_kept), compared(of(full.kept, frame.n_kept))],
      [measure.rise, rise(place.rise), place.rank === null ? measure.natsAlone : measure.nats(rise(full.rise))],
      [measure.bytes, format.bytes(place.optimizer_bytes), compared(format.bytes(full.optimizer_bytes))],
      [measure.time, time(hand), compared(time(frame.runs.length - 1))],
    ])}
    <details class="more">
      <summary>${words.meaning}</summary>
      <dl class="meanings">
        ${(["trained", "kept", "rise", "bytes"] as const).map((name) => html`<div><dt>${measure[name]}</dt><dd>${words.measures[name]}</dd></div>`)}
      </dl>
    </details>
  </div>`;
}
