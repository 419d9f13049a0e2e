import { queryOptions } from "@tanstack/react-query";
import { snapshotOf } from "./live/feed.ts";

/** How far a task says that it is: the last that was heard of it. */
export interface Progress {
  readonly taskRun: number;
  readonly claim: number;
  readonly done: number;
  readonly total: number;
  readonly note: string | null;
}

/** By task run. */
export type ProgressOfRun = Readonly<Record<number, Progress>>;

/** Only the stream tells of it; nobody keeps it. */
export const progressQuery = (run: string) =>
  queryOptions({
    queryKey: ["progress", run],
    // The stream goes on where this begins.
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }): Promise<ProgressOfRun> => {
      const told = (await snapshotOf(`run:${run}`, signal)) as { readonly progress?: readonly Progress[] } | null;
      return withProgress({}, told?.progress ?? []);
    },
  });

export const withProgress = (known: ProgressOfRun, told: readonly Progress[]): ProgressOfRun => ({
  ...known,
  ...Object.fromEntries(told.map((each) => [each.taskRun, each])),
});

/** What a task that runs says of itself; `null`: nothing, or only an execution before this one did. */
export function progressOf(
  known: ProgressOfRun,
  taskRun: { readonly id: number; readonly claim: number; readonly state: string } | null,
): Progress | null {
  if (taskRun?.state !== "running") return null;
  const progress = known[taskRun.id];
  return progress?.claim === taskRun.claim ? progress : null;
}
