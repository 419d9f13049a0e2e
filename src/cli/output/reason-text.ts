import type { LimitReason, NamedTaskRun, Reason } from "../../core/explanation.ts";
import { formatDuration } from "../../core/duration.ts";
import { plural } from "./counts-text.ts";
import { taskRunText, timeText } from "./time-text.ts";

/** A reason as a sentence, and what to do about it where that is known. */
export function reasonText(reason: Reason, runId: string): string {
  switch (reason.kind) {
    case "run_queued":
      return heldText(reason);
    case "cancelling":
      return "The run is being cancelled.";
    case "upstream": {
      const more = reason.more > 0 ? ` and ${reason.more} more` : "";
      const rule = reason.rule === "all_success" ? "" : ` (rule ${reason.rule})`;
      return `It waits for ${names(reason.waitsFor)}${more} to end${rule}.`;
    }
    case "group":
      return `Group "${reason.group}" may run again: what is outside of it waits for its end.`;
    case "length":
      return `How many elements it has is known only when ${names(reason.waitsFor) || "its list is there"} has ended.`;
    case "limit":
      return limitText(reason);
    case "no_worker":
      return `No worker that takes tasks of queue "${reason.queue}" is alive. Start one: tutti start`;
    case "no_scheduler":
      return "Nobody advances it: no process works on the store. Start one: tutti start";
    case "slots_taken":
      return `It stands in line for one of the ${plural(reason.slots, "slot")} of the workers of queue "${reason.queue}".`;
    case "timer":
      return timerText(reason);
    case "run":
      return `It waits for ${reason.runs.map(({ id, workflow }) => `run ${id} of workflow "${workflow}"`).join(" and ")}. Why that has not ended: tutti why ${reason.runs[0]?.id}`;
    case "event":
      return `It waits for ${reason.names.map((name) => `the event "${name}"`).join(" or ")}${reason.until === null ? "" : `, until ${timeText(reason.until)} at the latest`}.`;
    case "running":
      return `It runs${reason.since === null ? "" : ` since ${timeText(reason.since)}`}${reason.worker === null ? "" : ` at worker ${reason.worker}`}${reason.attempt > 1 ? `, attempt ${reason.attempt}` : ""}.`;
    case "failed":
      return `It failed${reason.retries > 0 ? `, at attempt ${reason.attempt} of ${reason.retries + 1}` : ""}: ${errorText(reason.error)} Its log: tutti logs ${runId}`;
    case "upstream_failed":
      return `It never ran, because of ${reason.causes.map((cause) => `${taskRunText(cause.task, cause.mapIndex)}, which ${cause.state === "cancelled" ? "was cancelled" : `failed: ${errorText(cause.error)}`}`).join("; ") || "what came before it"}`;
    case "skipped":
      if (reason.reason !== null) return `It was skipped: ${reason.reason}.`;
      return `It was skipped because of how ${names(reason.because) || "what came before it"} ended.`;
    case "cancelled":
      return "It was cancelled.";
    case "succeeded":
      return successText(reason, runId);
  }
}

function heldText({ paused, atWork, maxActiveRuns, dependsOnPast }: Reason & { kind: "run_queued" }): string {
  if (paused !== null)
    return `Its workflow has been paused since ${timeText(paused.at)}, by ${paused.by}. It goes on with: tutti unpause`;
  const parts = [
    ...(maxActiveRuns === null ? [] : [`${plural(atWork, "run")} of at most ${maxActiveRuns} at work`]),
    ...(dependsOnPast.length === 0
      ? []
      : [`${dependsOnPast.map((task) => `"${task}"`).join(", ")} must have succeeded in the window before`]),
  ];
  return `It waits for its turn: ${parts.join("; ") || "it has not been let in yet"}.`;
}

function limitText({ limit, name, key, slots, used, max, holders, freeInMs, ahead }: LimitReason): string {
  const what = {
    pool: `pool "${name}"`,
    concurrency: `the concurrency of task "${name}"${key === null ? "" : ` for ${key}`}`,
    maxActiveTasks: "maxActiveTasks of its run",
    rateLimit: `the rate of task "${name}"${key === null ? "" : ` for ${key}`}`,
  }[limit];
  if (max === null) return `There is no ${what}. Declare it in tutti.config.ts, or retry the run with its latest code.`;
  const needs = slots > 1 ? `it needs ${slots}, and ` : "";
  const who = holders
    .slice(0, 3)
    .map(
      ({ task, mapIndex, runId, since }) => `${taskRunText(task, mapIndex)} of run ${runId} since ${timeText(since)}`,
    );
  const held = who.length === 0 ? "" : `, by ${who.join(", ")}${holders.length > 3 ? " and others" : ""}`;
  const place = ahead === null ? "" : ahead === 0 ? " It is next in line." : ` ${ahead} stand in line before it.`;
  const free = freeInMs === null ? "" : ` There is room again in ${formatDuration(freeInMs)}.`;
  return `It waits for ${what}: ${needs}${used} of ${max} ${limit === "rateLimit" ? "have begun" : "are taken"}${held}.${place}${free}`;
}

function timerText({ what, until, error, attempt, checks }: Reason & { kind: "timer" }): string {
  if (what === "retry")
    return `It failed (${errorText(error).replace(/\.$/, "")}) and is tried again at ${timeText(until)}, as attempt ${attempt}.`;
  if (what === "sensor")
    return `It looks again at ${timeText(until)}${checks === null ? "" : `; it has looked ${plural(checks, "time")}`}.`;
  return `It sleeps until ${timeText(until)}.`;
}

function successText({ endedAt, cached }: Reason & { kind: "succeeded" }, runId: string): string {
  const what = `It succeeded${endedAt === null ? "" : ` at ${timeText(endedAt)}`}`;
  if (cached === undefined) return `${what}.`;
  return `${what}, without running: it took the value that run ${cached.runId} made at ${timeText(cached.madeAt)}, as its input and its code are the same. To run all of it: tutti retry ${runId} --fresh`;
}

const errorText = (error: { readonly message: string; readonly code?: string } | null): string =>
  error === null
    ? "nobody knows why."
    : `${error.message.split("\n")[0]}${error.code === undefined ? "" : ` [${error.code}]`}`;

const names = (all: readonly NamedTaskRun[]): string =>
  all.map(({ task, mapIndex, state }) => `${taskRunText(task, mapIndex)} (${state})`).join(", ");
