import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type { Answer } from "../../../src/client/index.ts";
import { selectionText } from "../../../src/core/run-selection.ts";
import type { RunState } from "../words/state.ts";
import { snapshotOf } from "./live/feed.ts";
import { tutti } from "./tutti.ts";

export type Run = Answer<"get", "/api/runs">["items"][number];
export type RunDetail = Answer<"get", "/api/runs/{run}">;
export type TaskRun = Answer<"get", "/api/runs/{run}/task-runs">["items"][number];
export type TaskRunDetail = Answer<"get", "/api/runs/{run}/task-runs/{taskRun}">;
export type Attempt = Answer<"get", "/api/runs/{run}/attempts">["items"][number];

const PAGE = 100;
const MOST = 1000;

/** Which runs, as the address of a page has it. */
export interface RunFilter {
  readonly workflow?: string | undefined;
  readonly state?: RunState | undefined;
  readonly tag?: string | undefined;
  readonly partition?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** A key may have a comma, which separates keys in a query: with one it is said as text. */
export const selectionOf = (filter: RunFilter) => (filter.partition === undefined ? fieldsOf(filter) : wordsOf(filter));

export const wordsOf = ({ partition, ...filter }: RunFilter) => ({
  select: selectionText({ ...fieldsOf(filter), ...(partition !== undefined && { partition: [partition] }) }),
});

const fieldsOf = ({ workflow, state, tag, from, to }: Omit<RunFilter, "partition">) => ({
  ...(workflow === undefined ? {} : { workflow: [workflow] }),
  ...(state === undefined ? {} : { state: [state] }),
  ...(tag === undefined ? {} : { tag: [tag] }),
  ...(from === undefined ? {} : { from }),
  ...(to === undefined ? {} : { to }),
});

export const runsQuery = (filter: RunFilter) =>
  infiniteQueryOptions({
    queryKey: ["runs", filter],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      tutti().get("/api/runs", {
        query: { ...selectionOf(filter), limit: PAGE, ...(pageParam === null ? {} : { cursor: pageParam }) },
        signal,
      }),
    getNextPageParam: (page) => page.next,
  });

/** The newest of those, once; as many as are asked for. */
export const someRunsQuery = (filter: RunFilter, limit: number) =>
  queryOptions({
    queryKey: ["some-runs", filter, limit],
    queryFn: async ({ signal }) =>
      (await tutti().get("/api/runs", { query: { ...selectionOf(filter), limit }, signal })).items,
  });

export const runQuery = (run: string) =>
  queryOptions({
    queryKey: ["run", run],
    queryFn: ({ signal }) => tutti().get("/api/runs/{run}", { params: { run }, signal }),
  });

/** The task runs that have begun to be anything: from the stream, which tells them all first; without it, page by page. */
export const taskRunsQuery = (run: string) =>
  queryOptions({
    queryKey: ["task-runs", run],
    queryFn: async ({ signal }): Promise<TaskRun[]> => {
      const told = (await snapshotOf(`run:${run}`, signal)) as { taskRuns: TaskRun[] } | null;
      if (told !== null) return told.taskRuns;
      return allPages((query) => tutti().get("/api/runs/{run}/task-runs", { params: { run }, query, signal }));
    },
  });

export const attemptsQuery = (run: string) =>
  queryOptions({
    queryKey: ["attempts", run],
    queryFn: ({ signal }) =>
      allPages((query) => tutti().get("/api/runs/{run}/attempts", { params: { run }, query, signal })),
  });

export const taskRunQuery = (run: string, taskRun: number, claim: number) =>
  queryOptions({
    queryKey: ["task-run", run, taskRun, claim],
    queryFn: ({ signal }) =>
      tutti().get("/api/runs/{run}/task-runs/{taskRun}", { params: { run, taskRun: String(taskRun) }, signal }),
  });

export const artifactsQuery = (run: string) =>
  queryOptions({
    queryKey: ["artifacts", run],
    queryFn: async ({ signal }) => (await tutti().get("/api/runs/{run}/artifacts", { params: { run }, signal })).items,
  });

async function allPages<T>(
  read: (query: { limit: number; cursor?: string }) => Promise<{ items: T[]; next: string | null }>,
): Promise<T[]> {
  const all: T[] = [];
  let cursor: string | null = null;
  do {
    const page: { items: T[]; next: string | null } = await read({
      limit: MOST,
      ...(cursor === null ? {} : { cursor }),
    });
    all.push(...page.items);
    cursor = page.next;
  } while (cursor !== null);
  return all;
}
