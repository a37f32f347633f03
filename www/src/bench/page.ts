/**
 * The page that `pretune bench --browser` opens: `?config=micro&seconds=10[&cases=a,b]`. It needs no driver: it measures and
 * posts a `BenchReport`, or `{error}`, to `/result`.
 */
import { told, asFailure } from "../runtime/protocol";
import { supervisor } from "../runtime/supervisor";
import { measure } from "./measure";

async function report(): Promise<unknown> {
  const query = new URLSearchParams(location.search);
  const { userAgent } = navigator;
  const engine = ["Firefox", "Chrome", "Safari"].find((name) => userAgent.includes(name)) ?? "unknown";
  return measure(supervisor(), {
    config: query.get("config") ?? "micro",
    seconds: Number(query.get("seconds") ?? 10),
    cases: query.get("cases")?.split(","),
    engine: engine.toLowerCase(),
    userAgent,
  });
}

async function main(): Promise<void> {
  document.body.textContent = "Measuring …";
  const body = await report().catch((error: unknown) => {
    const reason = asFailure(error);
    return { error: reason ? told(reason) : String(error) };
  });
  document.body.textContent = "Done.";
  await fetch("/result", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
}

void main();
