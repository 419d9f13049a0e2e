import type { Contestant } from "./peer.ts";
import { type Choice, settingText } from "./plan.ts";
import { median, type Samples, type Sizes, UNITS, WORKLOADS, type Workload } from "./workloads.ts";

/** All that was measured of one system. */
export interface Row {
  readonly system: string;
  readonly contestant: Contestant;
  readonly version: string;
  readonly choice: Choice;
  readonly samples: Samples;
  readonly failed: string | null;
}

const markdown = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

export function figuresTable(rows: readonly Row[], sizes: Sizes): string {
  return markdown(
    ["", "version", ...WORKLOADS.map((workload) => title(workload, sizes))],
    rows.map((row) => [
      row.contestant.title,
      row.version,
      ...WORKLOADS.map((workload) => figure(workload, row.samples[workload])),
    ]),
  );
}

/** How many times as good as each peer a row is: below 1 the peer is ahead, and the cell says so. */
export function ratiosTable(rows: readonly Row[], base: Row, sizes: Sizes): string {
  const others = rows.filter(({ system }) => !system.startsWith("tutti"));
  return markdown(
    [`${base.contestant.title} against`, ...WORKLOADS.map((workload) => title(workload, sizes))],
    others.map((row) => [
      row.contestant.title,
      ...WORKLOADS.map((workload) => {
        const ratio = ratioOf(workload, base, row);
        if (ratio === null) return "–";
        return `${short(ratio)}×${ratio < 1 ? ` **${row.contestant.title} ahead**` : ""}`;
      }),
    ]),
  );
}

export function factsTable(rows: readonly Row[]): string {
  return markdown(
    ["", "tasks are", "acknowledged means", "a crash loses"],
    rows.map(({ contestant }) => [contestant.title, contestant.tasksRun, contestant.durability, contestant.crashLoses]),
  );
}

/** How each was set up, and why it is ahead where it is. */
export function notes(rows: readonly Row[], bases: readonly Row[]): string {
  const lines = rows.map(({ contestant, choice, failed }) => {
    const ended = failed === null ? "" : ` Not all was measured: ${failed.split("\n")[0]!}.`;
    return `- ${contestant.title}. ${contestant.how} Best of ${contestant.sweep.length}: ${choiceText(choice)}.${ended}`;
  });
  for (const base of bases)
    for (const row of rows.filter(({ system }) => !system.startsWith("tutti")))
      for (const workload of WORKLOADS) {
        const ratio = ratioOf(workload, base, row);
        if (ratio === null || ratio >= 1) continue;
        const why = row.contestant.aheadBecause ?? "its tasks are called in process, ours are sent to another one";
        lines.push(`- ${row.contestant.title} is ahead of ${base.contestant.title} in ${NAMES[workload]}: ${why}.`);
      }
  return lines.join("\n");
}

/** The base's advantage: above 1 it is the better one. */
export function ratioOf(workload: Workload, base: Row, row: Row): number | null {
  const [ours, theirs] = [base.samples[workload], row.samples[workload]];
  if (!ours?.length || !theirs?.length) return null;
  return UNITS[workload] === "ms" ? median(theirs) / median(ours) : median(ours) / median(theirs);
}

const NAMES: Readonly<Record<Workload, string>> = {
  chain: "the chain",
  fanOut: "the fan-out",
  runs: "runs at once",
  idle: "idle latency",
};

const title = (workload: Workload, { chain, fanOut, runs }: Sizes): string =>
  ({
    chain: `chain of ${chain.length}, ms`,
    fanOut: `fan-out of ${whole(fanOut.width)} and join, ms`,
    runs: `${whole(runs.count)} runs of ${runs.length}, tasks/s`,
    idle: "idle trigger, ms",
  })[workload];

/** The median, and from the least to the most. */
function figure(workload: Workload, values: readonly number[] | undefined): string {
  if (!values?.length) return "–";
  const text = UNITS[workload] === "ms" ? short : whole;
  return `${text(median(values))} (${text(Math.min(...values))}–${text(Math.max(...values))})`;
}

const whole = (value: number): string => Math.round(value).toLocaleString("en");
const short = (value: number): string =>
  value >= 100 ? whole(value) : String(Number(value.toPrecision(value < 10 ? 2 : 3)));

function choiceText(choice: Choice): string {
  const groups = Map.groupBy(WORKLOADS, (workload) => settingText(choice[workload]));
  if (groups.size === 1) return [...groups.keys()][0]!;
  return [...groups]
    .map(([text, workloads]) => `${text} (${workloads.map((name) => NAMES[name]).join(", ")})`)
    .join("; ");
}
