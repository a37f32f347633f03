/** The contract with `src/widgets/training_cost/`. `tests/frames/training-cost.json` is checked against it. */
import type { BaseFrame } from "./frame";

export interface Frame extends BaseFrame {
  /** Every setting but `run` by its attribute name, as in force. */
  config: Record<string, string>;
  /** The published run that is set, if nothing of it was changed. */
  run: string | null;
  bill: Bill;
  devices: { key: string; name: string; peak_flops: number; watts: number; dollars_per_hour: [number, number] }[];
  /** Names with grams of carbon dioxide a kilowatt-hour. */
  grids: [string, number][];
  rows: Row[];
  tab: Tab;
  /** `share`: of the lowest price of the run that is set. */
  budgets: { name: string; dollars: number; share: number; pays_for: string[] }[];
}

export interface Bill {
  flops: number;
  device_hours: number;
  n_devices: number;
  days: number;
  /** The lowest and the highest price. */
  dollars: [number, number];
  kilowatt_hours: number;
  tons: number;
}

/** A row of the lesson's table: by the formulas, as the table has it, as whoever trained the model published it. */
export interface Row {
  key: string;
  name: string;
  parameters: number;
  tokens: number | null;
  tokens_table: number | null;
  flops: number | null;
  hours: number | null;
  hours_table: number | null;
  hours_published: number | null;
  dollars: [number, number] | null;
  dollars_table: [number, number] | null;
  tons: number | null;
  tons_published: number | null;
  remark: string;
}

/** The run of the shipped model in this tab. `times`: operations of the run that is set, over its own. */
export interface Tab {
  parameters: number;
  tokens: number;
  flops: number;
  seconds: number;
  is_measured: boolean;
  watt_hours: number;
  grams: number;
  times: number;
  years: number;
}

export type Command = { type: "reset" } | { type: "configure"; attributes: Record<string, string> } | { type: "speed"; step_ms: number };
