/** Defines elements without ever throwing: on a page that has them already, the first definition stays. */
import { VERSION, shared } from "./runtime/shared";

interface Definable extends CustomElementConstructor {
  tag: string;
}

export function define(elements: readonly Definable[]): void {
  if (typeof customElements === "undefined") return;
  const taken = elements.filter(({ tag }) => customElements.get(tag) !== undefined);
  for (const element of elements) {
    if (!taken.includes(element)) customElements.define(element.tag, element);
  }
  if (taken.length > 0) console.warn(`pretune ${VERSION}: ${taken.map(({ tag }) => tag).join(", ")} defined before (pretune ${shared.version}), the first definition stays`);
}
