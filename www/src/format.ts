/** Numbers as the reader's language writes them, at a width that does not jump while they change. */

export interface Format {
  integer(value: number): string;
  /** A loss: two digits after the point. */
  loss(value: number | null): string;
  /** Up to two digits after the point. */
  decimal(value: number): string;
  percent(fraction: number): string;
  /** A small share, with two digits that count. */
  fine(fraction: number): string;
  /** Whole percents. */
  share(fraction: number): string;
  /** The same, with a digit after the point where it is nearly nothing or nearly all, and neither. */
  part(fraction: number): string;
  milliseconds(value: number): string;
  /** Three digits that count. */
  rate(value: number): string;
  seconds(value: number): string;
  /** Below ten seconds with a digit after the point. */
  time(seconds: number): string;
  /** Large numbers with three digits that count: 18.9M. */
  compact(value: number): string;
  /** Powers of 1,000, with three digits that count. */
  bytes(value: number): string;
  /** Three digits after the point, with a sign. */
  change(value: number): string;
  /** Two digits after the point, with a sign. */
  signed(value: number | null): string;
  /** As a power of ten where it is small: 1.9E-6. */
  small(value: number): string;
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
  const fine = number({ style: "percent", maximumSignificantDigits: 2 });
  const milliseconds = number({ style: "unit", unit: "millisecond", unitDisplay: "short", maximumSignificantDigits: 3 });
  const rate = number({ maximumSignificantDigits: 3 });
  const seconds = number({ style: "unit", unit: "second", unitDisplay: "short", maximumFractionDigits: 0 });
  const minutes = number({ style: "unit", unit: "minute", unitDisplay: "short", maximumFractionDigits: 0 });
  const tenths = number({ style: "unit", unit: "second", unitDisplay: "short", minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const compact = number({ notation: "compact", maximumSignificantDigits: 3 });
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"].map((unit) => number({ style: "unit", unit, unitDisplay: unit === "byte" ? "long" : "short", maximumSignificantDigits: 3 }));
  const change = number({ signDisplay: "exceptZero", minimumFractionDigits: 3, maximumFractionDigits: 3 });
  const signed = number({ signDisplay: "exceptZero", minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const small = number({ notation: "scientific", maximumSignificantDigits: 2 });
  return {
    integer: (value) => integer.format(value),
    loss: (value) => (value === null || !Number.isFinite(value) ? "–" : loss.format(value)),
    decimal: (value) => decimal.format(value),
    percent: (fraction) => (fraction > 0 && fraction < 0.0005 ? `< ${percent.format(0.001)}` : percent.format(fraction)),
    fine: (fraction) => fine.format(fraction),
    share: (fraction) => share.format(fraction),
    part: (fraction) => ((fraction > 0 && fraction < 0.005) || (fraction >= 0.995 && fraction < 1) ? percent : share).format(fraction),
    milliseconds: (value) => milliseconds.format(value),
    rate: (value) => rate.format(value),
    time: (value) => (value < 10 ? tenths : seconds).format(value),
    compact: (value) => compact.format(value),
    bytes: (value) => {
      const power = value < 1 ? 0 : Math.min(Math.floor(Math.log10(value) / 3), units.length - 1);
      return units[power]!.format(value / 1000 ** power);
    },
    change: (value) => change.format(value),
    signed: (value) => (value === null || !Number.isFinite(value) ? "–" : signed.format(value)),
    small: (value) => (value === 0 ? "0" : small.format(value)),
    seconds: (value) => (value < 90 ? seconds.format(Math.ceil(value)) : minutes.format(Math.ceil(value / 60))),
  };
}
