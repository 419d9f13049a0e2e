import { RELEASE } from "../../store/release.ts";
import type { ProcessRecord } from "../../store/process-list.ts";
import { REFUSED_SKEW_MS, skewText } from "../clock-skew.ts";
import { missingRoles, missingText } from "../fleet/alive-roles.ts";
import { unknownQueues, unservedQueues } from "../fleet/queue-words.ts";
import type { SharedBy } from "./examine-folders.ts";
import { type Finding, fine, problem, warning } from "./finding.ts";

/** Looks at the processes of a database: whether they can work beside each other, and beside this one. */
export function examineProcesses(
  { processes, queues }: Pick<SharedBy, "processes" | "queues">,
  timeZones: string,
): readonly Finding[] {
  const alive = processes.filter((process) => process.alive);
  return [present(alive), ...queuesOf(alive, queues), releases(alive), zones(alive, timeZones), ...clocks(alive)];
}

function present(alive: readonly ProcessRecord[]): Finding {
  const missing = missingText(missingRoles(alive));
  if (missing !== null) return warning("processes", "NOBODY_WORKS", missing);
  const count = (role: "scheduler" | "worker") => alive.filter(({ roles }) => roles.includes(role)).length;
  return fine("processes", `Alive: ${count("scheduler")} that schedule, ${count("worker")} that work.`);
}

function queuesOf(alive: readonly ProcessRecord[], named: SharedBy["queues"]): readonly Finding[] {
  // That nobody works at all is said before.
  if (missingRoles(alive).includes("worker")) return [];
  const taken = [...new Set(alive.flatMap(({ queues }) => queues))];
  return [
    ...unknownQueues(taken, named).map((text) => warning("processes", "UNKNOWN_QUEUE", text)),
    ...unservedQueues(named, alive).map((queue) =>
      warning(
        "processes",
        "NOBODY_WORKS",
        `No living worker takes from the queue "${queue}", which deployed tasks name: they wait. Start one with: tutti worker --queue ${queue}`,
      ),
    ),
  ];
}

function releases(alive: readonly ProcessRecord[]): Finding {
  const others = alive.filter(({ release }) => release !== RELEASE);
  if (others.length === 0) return fine("releases", `Every process is of tutti ${RELEASE}.`);
  return warning(
    "releases",
    "RELEASES_DIFFER",
    `This is tutti ${RELEASE}; of another release: ${named(others, ({ release }) => release)}. While you upgrade one by one this is as it should be; otherwise bring them up to date.`,
  );
}

function zones(alive: readonly ProcessRecord[], timeZones: string): Finding {
  const others = alive.filter((process) => process.timeZones !== timeZones);
  if (others.length === 0) return fine("time zones", `Every process has time-zone data ${timeZones}.`);
  return warning(
    "time zones",
    "TIME_ZONES_DIFFER",
    `This process has time-zone data ${timeZones}; others: ${named(others, (process) => process.timeZones)}. Where a rule changed, they see a window begin at another moment. Give all the same Node.`,
  );
}

function clocks(alive: readonly ProcessRecord[]): readonly Finding[] {
  const off = alive.flatMap(({ name, clockAheadMs }) => {
    const text = clockAheadMs === null ? null : skewText(`The clock of process "${name}"`, clockAheadMs);
    return text === null ? [] : [{ text, refused: Math.abs(clockAheadMs!) >= REFUSED_SKEW_MS }];
  });
  if (off.length === 0) return [fine("clocks", "No process has a clock that is off.")];
  return off.map(({ text, refused }) => (refused ? problem : warning)("clocks", "CLOCK_OFF", text));
}

const SHOWN = 5;

function named(processes: readonly ProcessRecord[], what: (process: ProcessRecord) => string): string {
  const shown = processes.slice(0, SHOWN).map((process) => `"${process.name}" (${what(process)})`);
  return `${shown.join(", ")}${processes.length > SHOWN ? ` and ${processes.length - SHOWN} more` : ""}`;
}
