/** A complete xAPI 1.0.3 statement; the host page knows the learner and replaces the anonymous actor. */

type Verb = "completed" | "answered";

export function statement(element: HTMLElement & { figure: string }, verb: Verb, result: Record<string, unknown>): Record<string, unknown> {
  const page = location.origin === "null" || location.protocol === "file:" ? "https://pretune.invalid/" : location.origin;
  const activity = `${page.replace(/\/$/, "")}${location.pathname}#${element.figure}`;
  return {
    id: uuid(),
    actor: { objectType: "Agent", account: { homePage: page, name: "anonymous" } },
    verb: { id: `http://adlnet.gov/expapi/verbs/${verb}`, display: { "en-US": verb } },
    object: {
      objectType: "Activity",
      id: activity,
      definition: { type: "http://adlnet.gov/expapi/activities/simulation", name: { "en-US": element.localName } },
    },
    result: {
      completion: verb === "completed",
      extensions: Object.fromEntries(Object.entries(result).map(([name, value]) => [`${activity}/${name}`, value])),
    },
    timestamp: new Date().toISOString(),
  };
}

/** `crypto.randomUUID` is missing on plain http pages. */
function uuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return [...bytes].map((b, i) => ([4, 6, 8, 10].includes(i) ? "-" : "") + b.toString(16).padStart(2, "0")).join("");
}
