/** Reads a self-check out of ordinary lists, which are a readable self-check with its answers wherever no script runs. */

export interface Answer {
  text: string;
  right: boolean;
  /** Shown when it is chosen. */
  feedback: string;
}

export interface Question {
  text: string;
  answers: Answer[];
}

/** The questions below `root`: items of a numbered list that have a list of checkboxes. Those lists are hidden from now on. */
export function readQuestions(root: HTMLElement): Question[] {
  const lists = [...root.querySelectorAll<HTMLOListElement>(":scope > ol")].filter((list) => list.querySelector("ul input[type=checkbox]"));
  return lists.flatMap((list) => {
    list.hidden = true;
    return [...list.children].flatMap((item) => question(item) ?? []);
  });
}

function question(item: Element): Question | null {
  const list = item.querySelector("ul");
  if (!list) return null;
  const text = words([...item.childNodes].filter((node) => node !== list));
  return { text, answers: [...list.children].map(answer) };
}

function answer(item: Element): Answer {
  const feedback = [...item.querySelectorAll("em")].at(-1);
  const own = item.cloneNode(true) as Element;
  [...own.querySelectorAll("em")].at(-1)?.remove();
  return { text: words([own]), right: item.querySelector("input")?.hasAttribute("checked") ?? false, feedback: words(feedback ? [feedback] : []) };
}

function words(nodes: Node[]): string {
  return nodes
    .map(({ textContent }) => textContent ?? "")
    .join(" ")
    .replace(/\s+/g, " ")
    .trim();
}
