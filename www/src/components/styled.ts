/**
 * Style properties of one element, set through the object model. Lit's own `styleMap` writes a `style` attribute at
 * first, which a strict content security policy blocks.
 */
import { nothing } from "lit";
import type { ElementPart } from "lit";
import { Directive, PartType, directive } from "lit/directive.js";
import type { PartInfo } from "lit/directive.js";

type Properties = Record<string, string>;

class Styled extends Directive {
  #set: Properties = {};

  constructor(part: PartInfo) {
    super(part);
    if (part.type !== PartType.ELEMENT) throw new Error("styled() stands where an attribute would: <i ${styled({…})}>");
  }

  override render(_properties: Properties): typeof nothing {
    return nothing;
  }

  override update({ element }: ElementPart, [properties]: [Properties]): typeof nothing {
    const { style } = element as HTMLElement;
    for (const name of Object.keys(this.#set)) {
      if (!(name in properties)) style.removeProperty(name);
    }
    for (const [name, value] of Object.entries(properties)) {
      if (this.#set[name] !== value) style.setProperty(name, value);
    }
    this.#set = properties;
    return nothing;
  }
}

export const styled = directive(Styled);
