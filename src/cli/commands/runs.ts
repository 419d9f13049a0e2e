import { didYouMean } from "../../authoring/nearest.ts";
import { isEndedRun, RUN_STATES, type RunState } from "../../core/run-state.ts";
import { type Config, loadConfig } from "../../loader/config.ts";
import { findOwner } from "../../owner/open-session.ts";
import { whoOwns } from "../../store/sqlite/owner-lock.ts";
import type { RunSummary } from "../../store/reader.ts";
import { defineCommand, JSON_ARG } from "../command.ts";
import { STATUS } from "../exit-status.ts";
import { countsText } from "../output/counts-text.ts";
import { stateText } from "../output/state-mark.ts";
import { printTable } from "../output/table.ts";
import { durationText, isoText, timeText } from "../output/time-text.ts";
import { reading } from "../reading.ts";
import { UsageError } from "../usage-error.ts";

export const runs = defineCommand({
  name: "runs",
  description: "List runs, newest first",
  args: {
    workflow: { type: "string", alias: "w", description: "Only runs of this workflow", valueHint: "name" },
    state: {
      type: "string",
      alias: "s",
      description: `Only runs in this state: ${RUN_STATES.join(", ")}; may stand several times`,
      valueHint: "state",
    },
    limit: { type: "string", alias: "n", description: "At most so many", default: "20", valueHint: "count" },
    json: JSON_ARG,
  },
  repeatable: ["state"],
  examples: [["tutti runs --workflow retail --state failed", "what to look at"]],
  async run(args, { cwd, out, all }) {
    const limit = Number(args.limit);
    if (!Number.isSafeInteger(limit) || limit < 1 || limit > 100_000)
      throw new UsageError(`"${args.limit}" is no limit. Give a whole number from 1 to 100,000.`);
    const states = all("state")
      .flatMap((text) => text.split(","))
      .map(stateOf);
    const config = await loadConfig({ cwd });
    const found = await listed(config, {
      limit,
      ...(args.workflow === undefined ? {} : { workflow: args.workflow }),
      ...(states.length === 0 ? {} : { states }),
    });
    const left = await leftBehind(config, found);
    if (args.json) out.json(found.map((run) => ({ ...documentOf(run), interrupted: left.has(run.id) })));
    else if (found.length === 0) out.line("No runs. Start one with: tutti run <workflow>");
    else {
      const now = Date.now() * 1000;
      printTable(out, found, [
        { head: "run", cell: ({ id }) => id },
        { head: "workflow", cell: ({ workflow }) => workflow },
        { head: "date", cell: ({ date }) => date },
        {
          head: "state",
          cell: ({ id, state }) => stateText(out, state) + (left.has(id) ? out.style("yellow", " (interrupted)") : ""),
        },
        { head: "started", cell: ({ startedAt, createdAt }) => timeText(startedAt ?? createdAt) },
        {
          head: "took",
          cell: ({ startedAt, endedAt, id }) => durationText(startedAt, endedAt ?? (left.has(id) ? null : now)),
          align: "right",
        },
        { head: "tasks", cell: ({ counts }) => countsText(counts) },
      ]);
      if (left.size > 0)
        out.note(
          `No process goes on with ${left.size === 1 ? "the interrupted run" : `${left.size} interrupted runs`}. To go on: tutti resume${left.size === 1 ? ` ${[...left][0]}` : ""}`,
        );
    }
    return STATUS.succeeded;
  },
});

function stateOf(text: string): RunState {
  if ((RUN_STATES as readonly string[]).includes(text)) return text as RunState;
  throw new UsageError(
    `"${text}" is no state of a run.${didYouMean(text, RUN_STATES)} They are: ${RUN_STATES.join(", ")}.`,
  );
}

/** A project in which nothing has run yet has no runs, and no store. */
async function listed(
  config: Config,
  query: Parameters<Parameters<Parameters<typeof reading>[1]>[0]["listRuns"]>[0],
): Promise<readonly RunSummary[]> {
  try {
    return await reading(config, (reader) => reader.listRuns(query));
  } catch (error) {
    if ((error as { code?: string }).code === "STORE_NOT_FOUND") return [];
    throw error;
  }
}

/** Unfinished runs that no process advances. */
async function leftBehind(config: Config, found: readonly RunSummary[]): Promise<ReadonlySet<string>> {
  const unfinished = found.filter(({ state }) => !isEndedRun(state)).map(({ id }) => id);
  if (unfinished.length === 0) return new Set();
  const owner = await findOwner(config).catch(() => null);
  const live = (await owner?.status().catch(() => null))?.runs;
  await owner?.close();
  // An owner that does not answer may be at them.
  if (live === undefined && whoOwns(config.storePath) !== null) return new Set();
  return new Set(unfinished.filter((id) => !live?.includes(id)));
}

const documentOf = ({
  id,
  workflow,
  version,
  state,
  generation,
  trigger,
  intervalStart,
  intervalEnd,
  date,
  timezone,
  createdAt,
  startedAt,
  endedAt,
  cancelRequested,
  counts,
}: RunSummary): object => ({
  id,
  workflow,
  version,
  state,
  generation,
  trigger,
  interval: { start: isoText(intervalStart), end: isoText(intervalEnd) },
  date,
  timezone,
  cancelRequested,
  createdAt: isoText(createdAt),
  startedAt: isoText(startedAt),
  endedAt: isoText(endedAt),
  tasks: counts,
});
