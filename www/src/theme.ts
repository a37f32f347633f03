/** Resolves the custom properties of `tokens.css` to what a canvas needs: plain sRGB at this place of the page. */

const COLORS = ["ink", "muted", "line", "paper", "base", "training", "heldout", "frozen", "reference", "right", "wrong", "mine", "floor"] as const;

/** `Theme` of `src/plot/theme.rs`: colours as `#rrggbb`. */
export type Theme = Record<(typeof COLORS)[number], string> & {
  font: string;
  /** Device pixels per CSS pixel. */
  scale: number;
};

let painter: CanvasRenderingContext2D | null = null;

/** `place` must have the class `probe` (see `styles.ts`): its text colour is set, read and reset. */
export function resolveTheme(place: HTMLElement): Theme {
  const style = getComputedStyle(place);
  const colors = Object.fromEntries(
    COLORS.map((name) => {
      place.style.color = `var(--pretune-${name})`;
      const color = hex(style.color);
      return [name, color];
    }),
  ) as Record<(typeof COLORS)[number], string>;
  place.style.color = "";
  return { ...colors, font: style.fontFamily, scale: Math.min(devicePixelRatio || 1, 4) };
}

/** Any CSS colour, `oklch()` and `color-mix()` included, by painting one pixel with it. */
function hex(color: string): string {
  painter ??= Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
  if (!painter) return "#808080";
  painter.fillStyle = color;
  painter.fillRect(0, 0, 1, 1);
  return `#${[...painter.getImageData(0, 0, 1, 1).data.slice(0, 3)].map((c) => c.toString(16).padStart(2, "0")).join("")}`;
}

/** Calls back when colours or the pixel density of the page may have changed. Returns the end of the watch. */
export function watchTheme(changed: () => void): () => void {
  const queries = ["(prefers-color-scheme: dark)", "(forced-colors: active)", "(prefers-contrast: more)"].map((query) => matchMedia(query));
  for (const query of queries) query.addEventListener("change", changed);
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["class", "style", "data-theme"] });
  let density = watchDensity();
  function watchDensity(): MediaQueryList {
    const query = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
    query.addEventListener("change", densityChanged);
    return query;
  }
  function densityChanged() {
    density.removeEventListener("change", densityChanged);
    density = watchDensity();
    changed();
  }
  return () => {
    for (const query of queries) query.removeEventListener("change", changed);
    density.removeEventListener("change", densityChanged);
    observer.disconnect();
  };
}
