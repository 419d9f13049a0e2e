import { didYouMean } from "../../authoring/nearest.ts";
import { isEndedRun, RUN_STATES, type RunState } from "../../core/run-state.ts";
import type { AnyConfig } from "../../owner/any-place.ts";
import { goOnWith, leftBehind } from "../../owner/left-behind.ts";
import type { RunQuery } from "../../store/reader.ts";
import type { RunListed } from "../../store/store-view.ts";
import { defineCommand, JSON_ARG } from "../command.ts";
import { STATUS } from "../exit-status.ts";
import { countsText } from "../output/counts-text.ts";
import { stateText } from "../output/state-mark.ts";
import { printTable } from "../output/table.ts";
import { durationText, isoText, timeText } from "../output/time-text.ts";
import { configOf } from "../config-of.ts";
import { viewing } from "../reading.ts";
import { SELECT_ARG, selectedRuns } from "../selected-runs.ts";
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
    select: SELECT_ARG,
    limit: { type: "string", alias: "n", description: "At most so many", default: "20", valueHint: "count" },
    json: JSON_ARG,
  },
  repeatable: ["state"],
  examples: [
    ["tutti runs --workflow retail --state failed", "what to look at"],
    ['tutti runs --select "state:failed tag:finance since:2d"', "the same words choose runs for cancel and retry"],
  ],
  async run(args, context) {
    const { out, all } = context;
    const limit = Number(args.limit);
    if (!Number.isSafeInteger(limit) || limit < 1 || limit > 100_000)
      throw new UsageError(`"${args.limit}" is no limit. Give a whole number from 1 to 100,000.`);
    const states = all("state")
      .flatMap((text) => text.split(","))
      .map(stateOf);
    const config = await configOf(context);
    if (args.select !== undefined && (args.workflow !== undefined || states.length > 0))
      throw new UsageError(`Choose runs either by --select, or by --workflow and --state.`);
    const query = {
      limit,
      ...(args.workflow === undefined ? {} : { workflow: args.workflow }),
      ...(states.length === 0 ? {} : { states }),
    };
    const { runs: found, left } = await listed(config, query, args.select);
    if (args.json) out.json(found.map((run) => ({ ...documentOf(run), interrupted: left.has(run.id) })));
    else if (found.length === 0) out.line("No runs. Start one with: tutti run <workflow>");
    else {
      const now = Date.now() * 1000;
      printTable(out, found, [
        { head: "run", cell: ({ id }) => id },
        { head: "workflow", cell: ({ workflow }) => workflow },
        { head: "date", cell: ({ date, partition }) => partition ?? date },
        { head: "trigger", cell: ({ trigger }) => trigger },
        {
          head: "state",
          cell: ({ id, state, held }) =>
            stateText(out, state) +
            (left.has(id) ? out.style("yellow", " (interrupted)") : held ? out.style("dim", " (waits its turn)") : ""),
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
          `No process goes on with ${left.size === 1 ? "the interrupted run" : `${left.size} interrupted runs`}. To go on: ${goOnWith(config.store, left.size === 1 ? [...left][0]! : null)}`,
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

interface Listed {
  readonly runs: readonly RunListed[];
  /** Ids of unfinished ones that nobody goes on with. */
  readonly left: ReadonlySet<string>;
}

/** A project in which nothing has run yet has no runs, and no store. */
async function listed(config: AnyConfig, asked: RunQuery, select: string | undefined): Promise<Listed> {
  try {
    return await viewing(config, async (reader) => {
      const chosen = select === undefined ? {} : await selectedRuns(select, reader);
      const runs = chosen === null ? [] : await reader.listRuns({ ...asked, ...chosen });
      // What is held back waits for its turn: nobody is to go on with it.
      const unfinished = runs.filter(({ state, held }) => !isEndedRun(state) && !held).map(({ id }) => id);
      return { runs, left: await leftBehind(config.store, reader, unfinished) };
    });
  } catch (error) {
    if ((error as { code?: string }).code === "STORE_NOT_FOUND" && config.store.kind === "sqlite")
      return { runs: [], left: new Set() };
    throw error;
  }
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
  partition,
  createdAt,
  startedAt,
  endedAt,
  cancelRequested,
  held,
  counts,
}: RunListed): object => ({
  id,
  workflow,
  version,
  state,
  generation,
  trigger,
  interval: { start: isoText(intervalStart), end: isoText(intervalEnd) },
  date,
  timezone,
  partition: partition ?? null,
  cancelRequested,
  held,
  createdAt: isoText(createdAt),
  startedAt: isoText(startedAt),
  endedAt: isoText(endedAt),
  tasks: counts,
});
