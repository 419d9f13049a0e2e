import { addMs } from "../core/clock.ts";
import { formatDuration } from "../core/duration.ts";
import type { SensorManifest } from "../core/manifest.ts";
import type { Attempt } from "./attempt.ts";
import type { Outcome } from "./protocol.ts";

/** What follows from one look of a sensor; `null`: what it waits for is there. */
export function lookedAgain(attempt: Attempt, sensor: SensorManifest, value: unknown): Outcome | null {
  if (value !== undefined) return null;
  const now = attempt.ports.now();
  const { wait } = attempt.task;
  const since = wait?.since ?? attempt.startedAt;
  const checks = (wait?.checks ?? 0) + 1;
  const end = addMs(since, sensor.timeoutMs);
  if (now >= end) return timedOut(sensor, checks);
  // The last look is at the end itself.
  const dueAt = Math.min(addMs(now, intervalMs(sensor, checks)), end);
  return { state: "deferred", until: { kind: "sensor", dueAt, checks, since }, steps: [] };
}

/** From the end of one look to the next. */
export function intervalMs({ everyMs, backoff, maxEveryMs }: SensorManifest, checks: number): number {
  const ms = backoff === "exponential" ? everyMs * 2 ** Math.min(checks - 1, 40) : everyMs;
  return Math.max(1, Math.min(ms, maxEveryMs));
}

function timedOut({ timeoutMs, onTimeout }: SensorManifest, checks: number): Outcome {
  const what = `what it waits for has not come within ${formatDuration(timeoutMs)}, after ${checks} ${checks === 1 ? "check" : "checks"}`;
  if (onTimeout === "skip") return { state: "skipped", reason: what };
  const error = { name: "SensorTimedOut", code: "SENSOR_TIMED_OUT", message: `The sensor gave up: ${what}.` };
  return { state: "failed", error, rule: null, retryAfterMs: null, final: true };
}
