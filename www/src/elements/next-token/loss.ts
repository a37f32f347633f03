/** The loss curve between its floor and its ceiling, and the numbers beside it. */
import type { TemplateResult } from "lit";
import type { Chart } from "../../components/chart";
import { readout } from "../../components/readout";
import { table } from "../../components/table";
import type { Format } from "../../format";
import type { Frame } from "../../frames/next-token";
import type { Strings } from "../../strings";

interface View {
  frame: Frame;
  strings: Strings;
  format: Format;
}

export function renderLoss(chart: Chart, { frame, strings, format }: View): TemplateResult {
  const words = strings.nextToken;
  const { steps, train, val_steps, val } = frame.curve;
  const name = words.lossName(format.integer(frame.step), format.loss(frame.loss));
  const rows = () => {
    const learned = new Map(steps.map((step, i) => [step, train[i] ?? null]));
    const held = new Map(val_steps.map((step, i) => [step, val[i] ?? null]));
    const all = [...new Set([...steps, ...val_steps])].sort((a, b) => a - b);
    return all.map((step) => [format.integer(step), format.loss(learned.get(step) ?? null), format.loss(held.get(step) ?? null)]);
  };
  return chart.render({
    frame,
    strings,
    name,
    title: words.lossTitle,
    hint: words.lossHint,
    table: () =>
      table(name, words.lossColumns, [
        ...rows(),
        [words.floor, format.loss(frame.floor), format.loss(frame.floor)],
        [words.ceiling, format.loss(frame.ceiling), format.loss(frame.ceiling)],
      ]),
  });
}

export function renderReadout({ frame, strings, format }: View): TemplateResult {
  const { origin, readout: words } = strings.nextToken;
  const model = frame.origin === "random" && frame.step === 0 ? origin.untrained : origin[frame.origin];
  return readout([
    [words.loss, format.loss(frame.loss), words.ceiling(format.loss(frame.ceiling))],
    [words.val, format.loss(frame.val_loss), words.floor(format.loss(frame.floor))],
    [words.model, model, words.weights(format.integer(frame.n_params))],
    [words.seen, format.integer(frame.tokens_seen), words.vocabulary(format.integer(frame.vocab_size))],
  ]);
}
