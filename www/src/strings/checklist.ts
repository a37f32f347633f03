/** The words of `<pretune-checklist>`. */

export const checklist = {
  ticked: (n: string, all: string) => `${n} of ${all} ticked`,
  kept: "kept in this browser",
  notKept: "kept until you close this page",
};
