/** The words of `<pretune-memorization>`. */

export const memorization = {
  question: "What does a model remember of you, and can it forget?",
  lead: "Forty people’s secret codes are planted among 16,000 ordinary sentences, some never, some 64 times. A model reads it all and is asked for each code. Then one of them demands to be forgotten.",
  train: "Train, then forget",
  startOverHint: "Back to the figure as you found it",
  target: "Who demands to be forgotten",
  keep: "How gradient ascent goes about it",
  keeps: { nothing: "It unlearns this code, and nothing else is looked after", others: "It unlearns this code and goes on reading other codes" } as Record<string, string>,
  waiting: "…",
  said: {
    title: "“The code of … is”",
    hint: "What the model says by itself, each digit the likeliest.",
    columns: ["Whose", "Copies", "The code", "Model", "Unlearned", "Trained anew"],
    right: "right",
    wrong: "wrong",
  },
  chart: {
    title: "How far each code is exposed",
    hint: "Bits of exposure, the mean over five codes: 13.3 is the likeliest of all 10,000 codes, 0 the unlikeliest; the dashed line is where a code stands on average that was never read.",
    name: (few: string, many: string) => `Exposure by number of copies: ${few} bits without a copy, ${many} bits with 64`,
    columns: ["Copies", "Exposure, bits", "Said by itself"],
    of: (n: string, all: string) => `${n} of ${all}`,
  },
  results: {
    title: "What is left of the code that was to be forgotten",
    columns: ["Model", "Says it", "Its probability", "Exposure, bits", "Steps", "Others’ codes", "Loss, ordinary text"],
    models: ["has read everything", "unlearned by gradient ascent", "… then shown it again", "trained anew without it", "… then shown it"],
    yes: "yes",
    no: "no",
  },
  meaning: {
    title: "What these numbers mean",
    hint: "and what a right to be forgotten can ask for",
    points: [
      "Exposure: of all 10,000 codes the model is asked how likely each is. A code that no longer comes first can still stand far in front of the others, and whoever may guess a few hundred times has it.",
      "Gradient ascent trains backwards until the code is no likelier than a guess. It takes a second instead of a whole training, and leaves a trace: more bits of exposure than a model has that never read the code.",
      "Others’ codes: the mean probability of codes of other people who were read 32 or 64 times. What it loses is damage done to bystanders.",
      "Shown again: steps on its one sentence until the model says the code. Where the unlearned model needs fewer than the one that was trained anew, something of the code was still there.",
      "Trained anew without the sentence is the only certain way, and the dearest: for this model a few seconds, for GPT-3 the bill of the table above. That is why a law that asks for deletion must say which proof it accepts.",
    ],
  },
  settings: {
    title: "Settings",
    hint: "steps, seed",
    apply: "Start again with these",
    explain: "The same seed and settings give the same numbers on every computer.",
    names: { steps: "Steps of pre-training", seed: "Seed" } as Record<string, string>,
  },
};
