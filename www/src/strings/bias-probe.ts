/** The words of `<pretune-bias-probe>`. */

export const biasProbe = {
  question: "Does a model take over the bias of its text, and can it be taken out again?",
  lead: "You decide how one-sided a text is: how often “The nurse said that …” goes on with “she”, and “The pilot said that …” with “he”. Then a model reads it, and is asked.",
  train: "Train",
  startOverHint: "Back to the figure as you found it",
  skew: "How one-sided the text is",
  skewHint: "50 % would be fair. Another value begins anew.",
  skewText: (share: string) => `${share} usual pronouns`,
  view: "Which model to look at",
  models: {
    biased: "the one that has read the text",
    targeted: "… after pronouns were exchanged where the bias lies",
    naive: "… after pronouns were exchanged everywhere",
  } as Record<string, string>,
  modelHints: {
    biased: "",
    targeted: "It reads on, in the text and a copy in which “he” and “she” are exchanged in sentences about professions.",
    naive: "The same, but in all sentences, those about Mary and Paul too.",
  } as Record<string, string>,
  waiting: "not trained yet",
  readout: {
    gap: "How far it leans",
    toOne: (odds: string) => `${odds} to 1`,
    text: (odds: string) => `the text: ${odds} to 1`,
    slope: "Slope",
    slopeNote: "1: exactly as one-sided as the text",
    removed: "Bias taken away",
    removedNote: "of the first model’s log-odds",
    names: "Knows who Mary is",
    namesNote: (right: string) => `right pronoun the likelier one: ${right}`,
  },
  meaning: "What these numbers mean",
  meanings: {
    "How far it leans": "The odds of the one pronoun over the other, a typical profession’s: the geometric mean over all sixteen.",
    "Slope": "Of the line through the points of the chart. Log-odds are the logarithm of odds, so that 9 to 1 and 1 to 9 are equally far from even.",
    "Knows who Mary is": "The probability of the right pronoun after a name, the other one being “he” or “she”; 50 % is a coin toss. Names have one right pronoun; that is knowledge and no bias.",
  } as Record<string, string>,
  chart: {
    title: "Each profession: the text’s odds and the model’s",
    hint: "On the thin line both are the same. Hollow dots: before pronouns were exchanged.",
    name: (model: string, slope: string) => `Odds of he and she by profession, in the text and by the model: ${model}; slope ${slope}`,
    columns: ["Profession", "he", "she", "Text, log-odds", "Model", "Exchanged, targeted", "Exchanged, everywhere"],
  },
  people: {
    title: "People by name",
    hint: "what must not be lost",
    columns: ["Name", "Right pronoun", "Model", "Exchanged, targeted", "Exchanged, everywhere"],
  },
  settings: {
    title: "Settings",
    hint: "steps, seed",
    apply: "Start again with these",
    explain: "The same seed and settings give the same numbers on every computer.",
    names: { steps: "Steps of pre-training", seed: "Seed" } as Record<string, string>,
  },
  act: {
    title: "What somebody who governs can do with this",
    hint: "four points, with the numbers of your run",
    waiting: "Train first: each point needs a number from your run.",
    points: (v: Record<"text" | "model" | "removed" | "naive" | "sure" | "naiveSure", string>) => [
      `Ask for the measurement, not for a promise. Sixteen questions showed that this model leans by ${v.model} to 1. Benchmarks such as WinoBias ask a large model the same thing.`,
      `Ask what the text holds. It leaned by ${v.text} to 1: the bias could have been counted before anything was trained.`,
      `Ask what a repair costs. Both repairs pass the test for bias (${v.removed} and ${v.naive} gone), but the careless one left only ${v.naiveSure} certainty of who Mary is, against ${v.sure}. A report must show both numbers.`,
      "Ask who decided where the bias lies. The careful repair needs somebody to say that a doctor’s pronoun is bias and Mary’s is not. In this world that is easy; for names, dialects and districts it is a decision that must be justified in public.",
    ],
  },
};
