import { workflowContracts } from "../../api/workflow-contracts.ts";
import { momentOrNull, momentText } from "../../core/moment-text.ts";
import { TASK_RUN_STATES, type TaskRunState } from "../../core/task-run-state.ts";
import type { RunSummary, TaskStateCount } from "../../store/reader.ts";
import type { VersionRecord } from "../../store/store.ts";
import { on } from "../handler.ts";
import { isRunId, PageCursor } from "../page-cursor.ts";
import type { ServerContext } from "../server-context.ts";

/** What stands for each state in a row of cells; `.`: it has not begun to be anything. */
const LETTERS = {
  waiting: ".",
  queued: "q",
  running: "r",
  deferred: "d",
  up_for_retry: "u",
  succeeded: "s",
  failed: "f",
  skipped: "k",
  upstream_failed: "x",
  cancelled: "c",
  removed: "m",
} as const satisfies Record<TaskRunState, string>;

/** Of a mapped task the first of these that an element is in stands for all. */
const WORST_FIRST: readonly TaskRunState[] = [
  "failed",
  "up_for_retry",
  "running",
  "queued",
  "deferred",
  "upstream_failed",
  "cancelled",
  "waiting",
  "succeeded",
  "skipped",
  "removed",
];
const DEFAULT_RUNS = 50;

export const gridRoutes = [
  on(workflowContracts.grid, async ({ params, query, caller }, server) => {
    const { summary, version: latest } = await server.catalog.get(params.workflow, caller);
    const { runs: limit = DEFAULT_RUNS } = query;
    const at = new PageCursor(`grid ${summary.name}`, {});
    const before = at.read(query.cursor, isRunId);
    const found = await server.reader.listRuns({
      workflow: summary.name,
      limit: limit + 1,
      ...(before === undefined ? {} : { before }),
    });
    const runs = found.slice(0, limit);
    const states = await server.reader.taskStates(runs.map(({ id }) => id));
    const columns = await tasksOf(latest, runs, states, server);
    const counts = Map.groupBy(states, ({ runId }) => runId);
    return {
      workflow: summary.name,
      tasks: columns.names,
      states: Object.fromEntries(TASK_RUN_STATES.map((state) => [LETTERS[state], state])),
      runs: runs.map((run) => rowOf(run, counts.get(run.id) ?? [], columns)),
      next: found.length > limit ? at.at(runs.at(-1)!.id) : null,
    };
  }),
];

interface Columns {
  readonly names: string[];
  /** The column of a task by the store's id of it. */
  readonly places: ReadonlyMap<number, number>;
}

async function tasksOf(
  latest: VersionRecord,
  runs: readonly RunSummary[],
  states: readonly TaskStateCount[],
  { catalog }: ServerContext,
): Promise<Columns> {
  // Of what a flow may run, that which one of these has.
  const seen = new Set(states.map(({ taskId }) => taskId));
  const names: string[] = [];
  const places = new Map<number, number>();
  const others = new Set(runs.map(({ versionId }) => versionId));
  others.delete(latest.id);
  const versions = [latest, ...(await Promise.all([...others].map((id) => catalog.version(id))))];
  for (const version of versions)
    version?.taskIds.forEach((id, place) => {
      const { name, dynamic = false } = version.manifest.tasks[place]!;
      if (places.has(id) || (dynamic && !seen.has(id))) return;
      places.set(id, names.length);
      names.push(name);
    });
  return { names, places };
}

function rowOf(run: RunSummary, counts: readonly TaskStateCount[], { names, places }: Columns) {
  const cells = new Array<string>(names.length).fill(LETTERS.waiting);
  const mapped: Record<string, Partial<Record<TaskRunState, number>>> = {};
  for (const [taskId, states] of Map.groupBy(counts, ({ taskId }) => taskId)) {
    const place = places.get(taskId);
    if (place === undefined) continue;
    const shown = WORST_FIRST.find((state) => states.some((each) => each.state === state)) ?? "waiting";
    cells[place] = LETTERS[shown];
    if (states.length > 1) mapped[place] = Object.fromEntries(states.map(({ state, count }) => [state, count]));
  }
  return {
    id: run.id,
    version: run.version,
    state: run.state,
    date: run.date,
    ...(run.partition !== undefined && { partition: run.partition }),
    trigger: run.trigger,
    createdAt: momentText(run.createdAt),
    startedAt: momentOrNull(run.startedAt),
    endedAt: momentOrNull(run.endedAt),
    cells: cells.join(""),
    mapped,
  };
}
