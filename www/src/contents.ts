/**
 * The lesson's table of contents: shows where the reader is, and ticks off what was read and tried. A page without
 * `nav.toc` has none of it. Start with `followContents`.
 */
import { PretuneElement } from "./element";
import { progress } from "./progress";
import { stringsFor } from "./strings";

/** So long must the end of a section be on screen until it counts as read. */
const READ_MS = 1000;
/** A section begins where its heading has come this far up, as a share of the window. */
const LINE = 0.3;

interface Section {
  link: HTMLAnchorElement;
  mark: HTMLElement;
  heading: HTMLElement;
  /** Headings of the section itself and of those under it. */
  ids: string[];
  figures: string[];
}

export function followContents(): void {
  const nav = document.querySelector<HTMLElement>("nav.toc");
  if (!nav) return;
  const sections = sectionsOf(nav);
  const count = document.createElement("p");
  count.className = "toc-count";
  nav.append(count);
  followScroll(nav, sections);
  watchReading(sections);
  const show = () => tick(sections, count);
  progress.addEventListener("change", show);
  show();
  void progress.watch();
}

function sectionsOf(nav: HTMLElement): Section[] {
  const links = [...nav.querySelectorAll<HTMLAnchorElement>("a[href^='#']")];
  const entries = links.flatMap((link) => {
    const heading = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    return heading ? [{ link, heading }] : [];
  });
  const figures = figuresOf(document);
  return entries.map(({ link, heading }, i) => {
    const rest = entries.slice(i + 1);
    const after = rest.find((other) => other.heading.tagName <= heading.tagName)?.heading ?? null;
    const inside = (element: Element) => follows(heading, element) && (!after || follows(element, after));
    const mark = document.createElement("span");
    mark.className = "unseen";
    link.append(mark);
    const under = rest.map((other) => other.heading).filter(inside);
    return { link, mark, heading, ids: [heading, ...under].map(({ id }) => id), figures: figures.filter(inside).map(({ figure }) => figure) };
  });
}

/** The figures of the page, in their order. */
export function figuresOf(page: ParentNode): PretuneElement[] {
  return [...page.querySelectorAll("*")].filter((element) => element instanceof PretuneElement);
}

function follows(first: Element, second: Element): boolean {
  return (first.compareDocumentPosition(second) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
}

function tick(sections: Section[], count: HTMLElement): void {
  const words = stringsFor(document.documentElement.lang).contents;
  const { figures, read } = progress.done;
  for (const { link, mark, ids, figures: own } of sections) {
    const isRead = ids.every((id) => read.includes(id));
    const state = !isRead ? "" : own.every((figure) => figure in figures) ? "done" : "read";
    link.dataset["state"] = state;
    mark.textContent = state ? ` (${words[state]})` : "";
  }
  const all = figuresOf(document);
  const tried = all.filter(({ figure }) => figure in figures).length;
  count.textContent = all.length > 0 ? words.count(String(tried), String(all.length)) : "";
}

function followScroll(nav: HTMLElement, sections: Section[]): void {
  let current: Section | undefined;
  let asked = 0;
  const follow = () => {
    asked = 0;
    const passed = sections.filter(({ heading }) => heading.getBoundingClientRect().top < innerHeight * LINE);
    const now = passed.at(-1);
    if (now === current) return;
    current?.link.removeAttribute("aria-current");
    now?.link.setAttribute("aria-current", "location");
    current = now;
    // Only the list's own scroll: `scrollIntoView` would move the page as well.
    if (now && nav.scrollHeight > nav.clientHeight) nav.scrollTop = now.link.offsetTop - nav.clientHeight / 2;
  };
  const ask = () => (asked ||= requestAnimationFrame(follow));
  addEventListener("scroll", ask, { passive: true });
  addEventListener("resize", ask, { passive: true });
  ask();
}

/** A section is read when its last element has stayed on screen for a while. */
function watchReading(sections: Section[]): void {
  const timers = new Map<Element, ReturnType<typeof setTimeout>>();
  const names = new Map<Element, string>();
  const observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      clearTimeout(timers.get(target));
      if (isIntersecting) timers.set(target, setTimeout(() => progress.read(names.get(target)!), READ_MS));
    }
  });
  for (const [i, { heading }] of sections.entries()) {
    const end = endOf(heading, sections[i + 1]?.heading ?? null);
    names.set(end, heading.id);
    observer.observe(end);
  }
}

/** The last element of a heading's own text; notes and glossary belong to none. */
function endOf(heading: HTMLElement, next: Element | null): Element {
  let last: Element | null = next ? next.previousElementSibling : (heading.parentElement?.lastElementChild ?? null);
  while (last?.localName === "section") last = last.previousElementSibling;
  return last && follows(heading, last) ? last : heading;
}
