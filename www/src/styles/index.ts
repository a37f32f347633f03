/** Style sheets of the elements. They are adopted, never written into the page, so they work under any policy. */
import { unsafeCSS } from "lit";
import type { CSSResult } from "lit";
import { shared } from "../runtime/shared";
import componentsText from "./components.css";
import figureText from "./figure.css";
import tokensText from "../../styles/tokens.css";

export const figure: CSSResult[] = [unsafeCSS(figureText), unsafeCSS(componentsText)];

/** The tokens go to the page, once; a page that has linked `lesson.css` has them already, to the same effect. */
export function adoptTokens(): void {
  if (typeof CSSStyleSheet === "undefined" || !("adoptedStyleSheets" in document)) return;
  if (shared.tokens) return;
  shared.tokens = true;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(tokensText);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}
