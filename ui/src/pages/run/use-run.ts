import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useMemo } from "react";
import { feed } from "../../api/live/feed.ts";
import { forgetRuns } from "../../api/live/gone-runs.ts";
import { queryClient } from "../../api/query-client.ts";
import {
  attemptsQuery,
  runQuery,
  someRunsQuery,
  taskRunsQuery,
  type Attempt,
  type RunDetail,
  type TaskRun,
} from "../../api/runs.ts";
import { ApiError } from "../../api/tutti.ts";
import { graphQuery, type Graph } from "../../api/workflows.ts";
import { hasEnded } from "../../words/state.ts";

export interface ShownRun {
  readonly run: RunDetail;
  readonly graph: Graph;
  readonly taskRuns: readonly TaskRun[];
  readonly attempts: readonly Attempt[];
  /** The failed task run that ended first: what the others wait for in vain. */
  readonly rootCause: TaskRun | null;
}

export type RunState =
  | { readonly kind: "loading" }
  | { readonly kind: "gone" }
  | { readonly kind: "shown"; readonly shown: ShownRun };

const NONE: readonly never[] = [];

/** A run with all that its pages show, kept as it is now. `gone`: it has been removed. */
export function useRun(id: string): RunState {
  const { data: run, error } = useQuery(runQuery(id));
  const full = run?.id;
  useWholeAddress(id, run);
  useEffect(() => (full === undefined ? undefined : feed.follow(`run:${full}`)), [full]);
  const { data: graph } = useQuery({
    ...graphQuery(run?.workflow ?? "", { run: full ?? "" }),
    enabled: full !== undefined,
  });
  const { data: taskRuns } = useQuery({ ...taskRunsQuery(full ?? ""), enabled: full !== undefined });
  const retried = taskRuns?.some(({ claim }) => claim > 1) === true;
  const { data: attempts = NONE } = useQuery({ ...attemptsQuery(full ?? ""), enabled: full !== undefined && retried });
  const rootCause = useMemo(() => (taskRuns === undefined ? null : rootCauseOf(taskRuns)), [taskRuns]);
  const isMissing = error instanceof ApiError && error.status === 404;
  useEffect(() => {
    if (isMissing) forgetRuns(queryClient, [id]);
  }, [isMissing, id]);
  if (run === null || isMissing) return { kind: "gone" };
  // What was known before is better than nothing while the server is away.
  if (error !== null && run === undefined) throw error;
  if (run === undefined || graph === undefined || taskRuns === undefined) return { kind: "loading" };
  return { kind: "shown", shown: { run, graph, taskRuns, attempts, rootCause } };
}

/** The stream knows runs by their whole ids: opened by the beginning of one, a page takes the address that has all of it. */
function useWholeAddress(id: string, run: RunDetail | undefined): void {
  const navigate = useNavigate();
  useEffect(() => {
    if (!run || run.id === id) return;
    queryClient.setQueryData(["run", run.id], run);
    void navigate({
      to: ".",
      params: (others) => ({ ...others, run: run.id }),
      search: true,
      hash: true,
      replace: true,
    });
  }, [id, run, navigate]);
}

export function rootCauseOf(taskRuns: readonly TaskRun[]): TaskRun | null {
  const failed = taskRuns.filter(({ state }) => state === "failed");
  return failed.reduce<TaskRun | null>(
    (first, each) => (first === null || (each.endedAt ?? "") < (first.endedAt ?? "") ? each : first),
    null,
  );
}

/** The runs before and after it of its workflow. */
export function useNeighbours({ id, workflow }: Pick<RunDetail, "id" | "workflow">): {
  readonly before: string | null;
  readonly after: string | null;
} {
  const { data: runs = [] } = useQuery(someRunsQuery({ workflow }, 200));
  const at = runs.findIndex((each) => each.id === id);
  return { before: at === -1 ? null : (runs[at + 1]?.id ?? null), after: at < 1 ? null : (runs[at - 1]?.id ?? null) };
}

export const isOver = (run: Pick<RunDetail, "state">): boolean => hasEnded(run.state);
