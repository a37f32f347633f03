/** The words of `<pretune-scaling>`. */

export const scaling = {
  question: "Can you tell how good a larger model will be, before it exists?",
  lead: "Models of growing size read the same kind of text. Train four small ones, look at where their losses lie, and say where the next will be. Then train it.",
  train: "Train the first four sizes",
  next: (weights: string) => `Train the next size: ${weights} weights`,
  all: "All sizes are trained",
  startOverHint: "Back to the figure as you found it",
  law: {
    title: "What is left of the loss",
    hint: "Loss above what is unavoidable in this text, against all operations of the training. Both scales go in equal factors, not in equal steps.",
    name: (n: string) => `Loss above the unavoidable against computation for ${n} sizes, with a straight line`,
    columns: ["Weights", "Operations", "Loss", "Above the unavoidable"],
  },
  sums: {
    title: "A skill appears",
    hint: "Share of sums such as “3 + 4 =” that are right. All sizes have read them.",
    name: (n: string) => `Share of sums that are right, by weights, for ${n} sizes`,
    columns: ["Weights", "Sums that are right"],
  },
  guess: {
    label: (weights: string) => `Your guess: the loss of ${weights} weights`,
    hint: (floor: string, last: string) => `The last one has ${last}; ${floor} is unavoidable. Follow the points in the chart.`,
    none: "?",
    wait: "After four sizes you can guess the loss of the fifth.",
    made: (loss: string) => `You said ${loss}; the next size is being trained.`,
    over: "No larger size is left to guess.",
  },
  readout: {
    foretold: "The line foretold",
    guess: "You said",
    loss: "It came out at",
    off: (share: string) => `${share} off`,
    weights: (weights: string) => `${weights} weights`,
    waiting: "train the next size to see",
    untold: "told when you have guessed, or when it is trained",
    none: "–",
  },
  table: {
    title: "All sizes",
    columns: ["Weights", "Steps", "Loss", "Foretold", "Your guess", "Sums right"],
  },
  larger: (weights: string, times: string) => `The next size, ${weights} weights, takes ${times} times the computation of the last.`,
  meaning: {
    title: "What these numbers mean",
    hint: "and how far they carry",
    points: [
      "The unavoidable part of the loss is the surprise that is in the text itself: this text is drawn by known chances, so it can be calculated. For real text nobody knows it, and it is fitted along with the line.",
      "A straight line on scales of equal factors is a power law: each time the computation is multiplied by so much, what is left of the loss is divided by so much.",
      "The line is drawn through sizes that no smaller one beats. Each has a run of its own length, longer for larger ones, and a learning rate that falls with its width.",
      "With four points the line is a rough one: what is left of the loss, which is small, can be off by a large share where the loss itself is off by a small one. That is why the chart shows the one and the sentence the other.",
      "The loss falls smoothly; the sums do not. Being right or wrong is a strict exam, and whether skills truly jump, or only their grades, is disputed.",
      "Labs do the same with models a thousand times smaller than the one that they are about to pay for (Kaplan et al. 2020; Hoffmann et al. 2022; OpenAI’s report on GPT-4).",
    ],
  },
  settings: {
    title: "Settings",
    hint: "seed",
    apply: "Start again with these",
    explain: "The same seed gives the same numbers on every computer.",
    names: { seed: "Seed" } as Record<string, string>,
  },
};
