import { useState } from "react";
import { type Run, type RunFilter, selectionOf } from "../../api/runs.ts";
import { tutti } from "../../api/tutti.ts";
import { BulkBar } from "../../components/bulk/bulk-bar.tsx";
import type { BulkAct, BulkAnswer, Target } from "../../components/bulk/bulk-act.ts";
import type { Rows } from "../../components/bulk/use-rows.ts";
import { hasEnded } from "../../words/state.ts";
import { ChosenTasks, NO_TASKS, type TaskWish } from "./chosen-tasks.tsx";

interface RunBulkProps {
  readonly rows: Rows;
  readonly runs: readonly Run[];
  readonly filter: RunFilter;
  /** How many there are, where not all are shown. */
  readonly matching: number | null | undefined;
}

const NOT_YET = { of: null, wish: NO_TASKS } as const;
const PATH = "/api/runs/bulk";
const ACTS = {
  cancel: {
    word: "Cancel",
    done: "cancelled",
    only: "that are at work",
    fits: ({ state, cancelRequested }: Run) => !hasEnded(state) && !cancelRequested,
  },
  retry: {
    word: "Retry",
    done: "retried",
    only: "that failed or were cancelled",
    fits: ({ state }: Run) => state === "failed" || state === "cancelled",
  },
  clear: {
    word: "Clear tasks of",
    done: "cleared",
    only: "that have ended",
    fits: ({ state }: Run) => hasEnded(state),
  },
  mark: { word: "Mark tasks of", done: "marked", only: "", fits: () => true },
} as const;

/** What can be done with many runs at once. */
export function RunBulk({ rows, runs, filter, matching }: RunBulkProps) {
  const byId = new Map(runs.map((run) => [run.id, run]));
  const workflows = [
    ...new Set(
      rows.all && filter.workflow !== undefined
        ? [filter.workflow]
        : runs.filter(({ id }) => rows.chosen.has(id)).map(({ workflow }) => workflow),
    ),
  ];
  const one = rows.all && filter.workflow === undefined ? null : workflows.length === 1 ? workflows[0]! : null;
  // Tasks of one workflow are none of another.
  const [wished, setWished] = useState<{ readonly of: string | null; readonly wish: TaskWish }>(NOT_YET);
  const wish = wished.of === one ? wished.wish : NO_TASKS;
  const acts = (["cancel", "retry", "clear", "mark"] as const).map((act): BulkAct => {
    const ofTasks = act === "clear" || act === "mark";
    const body = (target: Target) => ({ act, ...targetOf(target, filter), ...(ofTasks ? partOf(act, wish) : {}) });
    return {
      ...ACTS[act],
      fits: (key) => byId.has(key) && ACTS[act].fits(byId.get(key)!),
      path: PATH,
      body,
      ask: async (target, dryRun): Promise<BulkAnswer> => {
        const { runs: items, more } = await tutti().post(PATH, { body: { ...body(target), dryRun } });
        return { items, more };
      },
      ...(ofTasks && {
        fields: (
          <ChosenTasks act={act} workflow={one} wish={wish} onChange={(next) => setWished({ of: one, wish: next })} />
        ),
        refusal: one === null ? "Choose runs of one workflow." : wish.tasks.length === 0 ? "Choose its tasks." : null,
      }),
    };
  });
  return <BulkBar rows={rows} noun="run" acts={acts} {...(matching === undefined ? {} : { matching })} />;
}

/** Never all by an omission: without a filter, all are those that were made since the beginning. */
const targetOf = (target: Target, filter: RunFilter) => {
  if (target !== "all") return { ids: [...target] };
  const selection = selectionOf(filter);
  return { selection: Object.keys(selection).length === 0 ? { from: new Date(0).toISOString() } : selection };
};

const partOf = (act: "clear" | "mark", { tasks, downstream, as, reason }: TaskWish) =>
  act === "clear"
    ? { tasks: [...tasks], ...(downstream && { downstream }) }
    : { tasks: [...tasks], as, ...(reason.trim() !== "" && { reason: reason.trim() }) };
