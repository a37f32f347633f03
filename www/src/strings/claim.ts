/** The words of `<pretune-claim>`. */
export const claim = {
  mark: "Where this number comes from",
  range: (n: string, low: string, high: string) => `on average over ${n} runs with other random numbers; from ${low} to ${high}`,
  run: "Measure it here",
  takes: (time: string) => `trains in this page; took ${time} on one core of a server`,
  running: (time: string) => `training for ${time}…`,
  stop: "Stop",
  failed: "It could not be run here.",
  same: (seed: string, value: string) => `This page has measured ${value} with seed ${seed}: what was recorded, to the last digit.`,
  other: (seed: string, value: string, recorded: string) => `This page has measured ${value} with seed ${seed}; ${recorded} was recorded.`,
};
