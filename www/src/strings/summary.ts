/** The words of `<pretune-summary>`. */

export const summary = {
  yours: "Yours: ",
  quiz: "Check yourself",
  quizHint: "Nobody sees your answers. Choose again as often as you like.",
  right: "Right.",
  wrong: "Not quite.",
  score: (right: string, all: string) => `${right} of ${all} right`,
  record: "Your record",
  tried: (tried: string, all: string) => `You have brought ${tried} of the ${all} figures to their end.`,
  recordHint: "It is kept in this browser alone. A file takes it to another one, or through a holiday.",
  save: "Save my record",
  open: "Go on from a file",
  openHint: "A record that was saved on this page; it is added to what is here.",
  opened: "The record was added.",
  forget: "Forget my record",
  forgotten: "Your record is forgotten.",
};
