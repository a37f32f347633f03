/** Numbers as the reader's language writes them, at a width that does not jump while they change. */

export interface Format {
  integer(value: number): string;
  /** A loss: two digits after the point. */
  loss(value: number | null): string;
  /** Up to two digits after the point. */
  decimal(value: number): string;
  percent(fraction: number): string;
  /** Whole percents. */
  share(fraction: number): string;
  milliseconds(value: number): string;
  /** Three digits that count. */
  rate(value: number): string;
  seconds(value: number): string;
}

const made = new Map<string, Format>();

export function formatFor(lang: string): Format {
  let format = made.get(lang);
  if (!format) made.set(lang, (format = make(lang)));
  return format;
}

function make(lang: string): Format {
  const number = (options: Intl.NumberFormatOptions) => {
    try {
      return new Intl.NumberFormat(lang, options);
    } catch {
      return new Intl.NumberFormat("en", options);
    }
  };
  const integer = number({ maximumFractionDigits: 0 });
  const loss = number({ minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const decimal = number({ maximumFractionDigits: 2 });
  const percent = number({ style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const share = number({ style: "percent", maximumFractionDigits: 0 });
  const milliseconds = number({ style: "unit", unit: "millisecond", unitDisplay: "short", maximumSignificantDigits: 3 });
  const rate = number({ maximumSignificantDigits: 3 });
  const seconds = number({ style: "unit", unit: "second", unitDisplay: "short", maximumFractionDigits: 0 });
  const minutes = number({ style: "unit", unit: "minute", unitDisplay: "short", maximumFractionDigits: 0 });
  return {
    integer: (value) => integer.format(value),
    loss: (value) => (value === null || !Number.isFinite(value) ? "–" : loss.format(value)),
    decimal: (value) => decimal.format(value),
    percent: (fraction) => (fraction > 0 && fraction < 0.0005 ? `< ${percent.format(0.001)}` : percent.format(fraction)),
    share: (fraction) => share.format(fraction),
    milliseconds: (value) => milliseconds.format(value),
    rate: (value) => rate.format(value),
    seconds: (value) => (value < 90 ? seconds.format(Math.ceil(value)) : minutes.format(Math.ceil(value / 60))),
  };
}
