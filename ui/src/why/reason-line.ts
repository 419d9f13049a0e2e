import type { Reason, ReasonOf } from "../api/why.ts";
import { count, figure } from "../words/count-text.ts";
import { durationText } from "../words/duration-text.ts";
import { momentText, secondsText } from "../words/time-text.ts";

/** A reason as it stands on the page. `to`: where there is more to see, or something to do. */
export interface ReasonLine {
  readonly met: "no" | "wait" | "yes";
  /** What it is about: a word or two. */
  readonly name: string;
  readonly text: string;
  /** The end of the sentence "It waits: …". */
  readonly answer: string;
  readonly to?: string;
}

type Named = ReasonOf<"upstream">["waitsFor"][number];

/** A reason in words, and whether somebody has to do something about it. */
export function reasonLine(reason: Reason): ReasonLine {
  switch (reason.kind) {
    case "run_queued":
      return heldLine(reason);
    case "cancelling":
      return wait("cancelled", "The run is being cancelled.", "it is being cancelled");
    case "upstream": {
      const who = names(reason.waitsFor) + (reason.more > 0 ? ` and ${reason.more} more` : "");
      return wait("upstream", `${who} must end first, by the rule ${reason.rule}.`, `${who} must end first`);
    }
    case "group":
      return wait("group", `Group "${reason.group}" may run again.`, `group "${reason.group}" may run again`);
    case "length": {
      const who = names(reason.waitsFor) || "its list";
      return wait(
        "length",
        `How many elements it has is known when ${who} has ended.`,
        `${who} says how many there are`,
      );
    }
    case "limit":
      return limitLine(reason);
    case "no_worker":
      return no(
        "worker",
        `No worker that takes tasks of queue "${reason.queue}" is alive: tutti worker --queue ${reason.queue}`,
        `no worker serves queue "${reason.queue}"`,
        "/ops",
      );
    case "no_scheduler":
      return no("scheduler", "No process that schedules is alive: tutti start", "no scheduler is alive", "/ops");
    case "slots_taken":
      return wait(
        "slot",
        `In line for one of the ${count(reason.slots, "slot")} of the workers of queue "${reason.queue}".`,
        `all ${count(reason.slots, "slot")} of queue "${reason.queue}" are taken`,
        "/ops",
      );
    case "timer":
      return timerLine(reason);
    case "event": {
      const isAsked = reason.names.includes("approval");
      const what = isAsked ? "a person's answer" : reason.names.map((name) => `event "${name}"`).join(" or ");
      const until = reason.until === null ? "" : `, until ${moment(reason.until)} at the latest`;
      return {
        ...wait(isAsked ? "approval" : "event", `It waits for ${what}${until}.`, `it waits for ${what}`),
        to: isAsked ? "/approvals" : "/events",
      };
    }
    case "run": {
      const who = reason.runs.map(({ workflow }) => `a run of "${workflow}"`).join(" and ");
      const line = wait("run", `It waits for ${who}.`, `it waits for ${who}`);
      return reason.runs[0] ? { ...line, to: `/runs/${reason.runs[0].id}` } : line;
    }
    case "running":
      return {
        met: "yes",
        name: "at work",
        text: `Runs${reason.since === null ? "" : ` since ${secondsText(Date.parse(reason.since))}`}${reason.worker === null ? "" : ` at ${reason.worker}`}${reason.attempt > 1 ? `, attempt ${reason.attempt}` : ""}.`,
        answer: "it is at work",
      };
    case "failed":
      return no(
        "failed",
        `Attempt ${reason.attempt} of ${reason.retries + 1}: ${errorText(reason.error)}`,
        "it failed",
      );
    case "upstream_failed":
      return no(
        "upstream failed",
        `It never ran, because of ${reason.causes.map((cause) => `${keyOf(cause)} (${cause.state}${cause.error === null ? "" : `: ${errorText(cause.error)}`})`).join("; ") || "what came before it"}.`,
        "what comes before it failed",
      );
    case "skipped":
      return {
        met: "yes",
        name: "skipped",
        text: reason.reason ?? `Because of how ${names(reason.because) || "what came before it"} ended.`,
        answer: "it was skipped",
      };
    case "cancelled":
      return no("cancelled", "It was cancelled.", "it was cancelled");
    case "succeeded":
      return {
        met: "yes",
        name: "succeeded",
        text: `It succeeded${reason.endedAt === null ? "" : ` at ${moment(reason.endedAt)}`}${reason.cached ? `, with the value that run ${reason.cached.runId} made at ${moment(reason.cached.madeAt)}: input and code are the same` : ""}.`,
        answer: reason.cached ? "it took a value that was there" : "it succeeded",
        ...(reason.cached ? { to: `/runs/${reason.cached.runId}` } : {}),
      };
  }
}

function heldLine({ paused, atWork, maxActiveRuns, dependsOnPast }: ReasonOf<"run_queued">): ReasonLine {
  if (paused !== null) {
    const text = `The workflow has been paused since ${moment(paused.at)}, by ${paused.by}.`;
    return no("paused", text, `its workflow is paused by ${paused.by}`);
  }
  const parts = [
    ...(maxActiveRuns === null ? [] : [`${atWork} of at most ${count(maxActiveRuns, "run")} at work`]),
    ...(dependsOnPast.length === 0 ? [] : [`${dependsOnPast.join(", ")} must succeed in the window before`]),
  ];
  const text = parts.join("; ") || "it has not been let in yet";
  return wait("its turn", `${text}.`, text);
}

function limitLine({ limit, name, key, slots, used, max, holders, freeInMs, ahead }: ReasonOf<"limit">): ReasonLine {
  const of = key === null ? "" : ` for ${key}`;
  const what = {
    pool: `pool "${name}"`,
    concurrency: `concurrency of ${name}${of}`,
    maxActiveTasks: "maxActiveTasks of the run",
    rateLimit: `rate of ${name}${of}`,
  }[limit];
  if (max === null)
    return no(limit, `There is no ${what}: declare it in tutti.config.ts.`, `there is no ${what}`, "/ops");
  const parts = [
    `${figure(used)} of ${figure(max)} ${limit === "rateLimit" ? "have begun" : "taken"}${slots > 1 ? `, it needs ${slots}` : ""}`,
    ...(ahead === null ? [] : [ahead === 0 ? "next in line" : `${figure(ahead)} in line before it`]),
    ...(freeInMs === null ? [] : [`room in ${durationText(freeInMs)}`]),
  ];
  const held = holders.map(
    ({ workflow, task, mapIndex, since }) =>
      `${workflow} / ${keyOf({ task, mapIndex })} since ${secondsText(Date.parse(since))}`,
  );
  return {
    ...wait(
      what,
      `${parts.join("; ")}.${held.length === 0 ? "" : ` Held by ${held.join(", ")}.`}`,
      `${what} is full, ${parts.join(", ")}`,
    ),
    ...(limit === "pool" ? { to: "/ops" } : {}),
  };
}

function timerLine({ what, until, error, attempt, checks }: ReasonOf<"timer">): ReasonLine {
  const at = moment(until);
  if (what === "retry")
    return wait("retry", `${errorText(error)} Tried again at ${at}, as attempt ${attempt}.`, `it tries again at ${at}`);
  if (what === "sensor")
    return wait(
      "sensor",
      `Looks again at ${at}${checks === null ? "" : `; has looked ${count(checks, "time")}`}.`,
      `it looks again at ${at}`,
    );
  return wait("sleep", `Sleeps until ${at}.`, `it sleeps until ${at}`);
}

const wait = (name: string, text: string, answer: string, to?: string): ReasonLine => ({
  met: "wait",
  name,
  text,
  answer,
  ...(to === undefined ? {} : { to }),
});
const no = (name: string, text: string, answer: string, to?: string): ReasonLine => ({
  ...wait(name, text, answer, to),
  met: "no",
});

const moment = (at: string): string => momentText(Date.parse(at));
const errorText = (error: { readonly message: string; readonly code?: string | undefined } | null): string =>
  error === null
    ? "nobody knows why."
    : `${error.message.split("\n")[0]!.replace(/\.$/, "")}${error.code === undefined ? "" : ` [${error.code}]`}.`;
const keyOf = ({ task, mapIndex }: Pick<Named, "task" | "mapIndex">): string =>
  mapIndex === null ? task : `${task}[${mapIndex}]`;
const names = (all: readonly Named[]): string => all.map((each) => `${keyOf(each)} (${each.state})`).join(", ");
