/** When a figure may load: near the viewport and in an idle moment, or as soon as the reader touches it. */

type Idle = (callback: () => void, options: { timeout: number }) => number;

/** Calls `ready` once. Returns a function that calls it off. */
export function whenNear(element: Element, ready: () => void): () => void {
  let cancelled = false;
  const observer = new IntersectionObserver(
    (entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      observer.disconnect();
      // Safari has no requestIdleCallback.
      const { requestIdleCallback } = globalThis as { requestIdleCallback?: Idle };
      const go = () => cancelled || ready();
      if (requestIdleCallback) requestIdleCallback(go, { timeout: 500 });
      else setTimeout(go, 50);
    },
    { rootMargin: "100% 0px" },
  );
  observer.observe(element);
  const stopTouch = whenTouched(element, () => {
    observer.disconnect();
    if (!cancelled) ready();
  });
  return () => {
    cancelled = true;
    observer.disconnect();
    stopTouch();
  };
}

export function whenTouched(element: Element, ready: () => void): () => void {
  const events = ["pointerdown", "focusin", "keydown"];
  const stop = () => {
    for (const event of events) element.removeEventListener(event, touched);
  };
  function touched() {
    stop();
    ready();
  }
  for (const event of events) element.addEventListener(event, touched);
  return stop;
}
