/** The charts: every rank's results, the learned update to scale, and the singular values of full fine-tuning's own. */
import { html } from "lit";
import type { TemplateResult } from "lit";
import type { Chart } from "../../components/chart";
import { select } from "../../components/field";
import type { Same } from "../../components/same";
import { table } from "../../components/table";
import type { Frame } from "../../frames/lora-rank";
import { nameOf } from "./rank";
import type { View } from "./rank";

export function renderRanks(chart: Chart, same: Same<Record<string, unknown>>, { frame, hand, strings, format }: View, ms: ReadonlyMap<number, number>): TemplateResult {
  const words = strings.loraRank.chart;
  const { runs, n_asked, n_kept } = frame;
  const name = words.name(format.integer(runs.filter(({ done }) => done).length), format.integer(runs.length));
  const parts = { hand, n_asked, n_kept, runs: runs.map(({ label, done, asked, kept, rise }) => ({ label, done, asked, kept, rise })) };
  return chart.render({
    frame: same.of(parts),
    strings,
    name,
    title: words.title,
    hint: words.hint,
    table: () =>
      table(
        name,
        words.columns,
        runs.map((place, i) => [
          nameOf(place, strings),
          `${format.integer(place.trained)} (${format.percent(place.share)})`,
          place.asked === null ? "–" : format.share(place.asked / n_asked),
          place.kept === null ? "–" : format.share(place.kept / n_kept),
          place.rise === null ? "–" : format.change(place.rise),
          format.bytes(place.optimizer_bytes),
          ms.has(i) ? format.time(ms.get(i)! / 1000) : "–",
        ]),
      ),
  });
}

export function renderUpdate(chart: Chart, same: Same<{ picture: Frame["picture"] }>, { frame, hand, strings, format }: View, onmatrix: (layer: number, module: string) => void): TemplateResult {
  const words = strings.loraRank.picture;
  const { picture } = frame;
  const { layer, module, modules, n_layer, update, weight } = picture;
  const place = frame.runs[hand]!;
  const name = words.name(words.matrices[module] ?? module, String(layer + 1), nameOf(place, strings));
  return html`<div class="update-part">
    ${chart.render({
      frame: same.of({ picture }),
      strings,
      name,
      title: words.title,
      hint: place.rank === null ? words.fullHint : picture.is_trained || place.rank === 0 ? words.hint : words.untargeted,
      table: () =>
        table(
          words.unit(format.rate(update.largest)),
          [words.row, ...(update.cells[0] ?? []).map((_, i) => format.integer(Math.floor((i * update.cols) / update.cells[0]!.length) + 1))],
          update.cells.map((row, i) => [format.integer(Math.floor((i * update.rows) / update.cells.length) + 1), ...row.map((value) => format.decimal(value))]),
        ),
    })}
    <div class="row">
      ${select({ label: words.matrix, value: modules.indexOf(module), count: modules.length, names: modules.map((name) => words.matrices[name] ?? name), onchange: (i) => onmatrix(layer, modules[i] ?? module) })}
      ${select({ label: words.block, value: layer, count: n_layer, onchange: (i) => onmatrix(i, module) })}
    </div>
    <p class="hint">${weight.rows} × ${weight.cols}. ${words.norm(format.percent(picture.relative_norm))}</p>
  </div>`;
}

export function renderSpectrum(chart: Chart, same: Same<{ spectrum: Frame["spectrum"] }>, { frame, strings, format }: View): TemplateResult {
  const words = strings.loraRank.spectrum;
  const { spectrum } = frame;
  if (!spectrum) {
    return html`<div class="spectrum-part">
      <p class="heading">${words.title}</p>
      <p class="hint">${words.waiting}</p>
    </div>`;
  }
  const { values, kept, energy, for_90 } = spectrum;
  const name = words.name(format.integer(kept), format.share(energy));
  const rows = () => {
    const all = values.reduce((sum, x) => sum + x * x, 0);
    let held = 0;
    return values.map((x, i) => [format.integer(i + 1), format.rate(x), format.percent((held += x * x) / (all || 1))]);
  };
  return html`<div class="spectrum-part">
    ${chart.render({ frame: same.of({ spectrum }), strings, name, title: words.title, hint: words.hint, table: () => table(name, words.columns, rows()) })}
    <p class="hint">${words.sentence(format.integer(for_90), format.integer(values.length))}</p>
  </div>`;
}

