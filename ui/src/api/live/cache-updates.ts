import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import type { LiveEvent } from "../../../../src/client/index.ts";
import type { RecentRuns } from "../overview.ts";
import { type Progress, type ProgressOfRun, withProgress } from "../progress.ts";
import type { Run, RunDetail, RunFilter, TaskRun } from "../runs.ts";
import type { LoadProblem, Workflow } from "../workflows.ts";
import { forgetRuns } from "./gone-runs.ts";
import { Throttle } from "./throttle.ts";

interface Told {
  readonly topic?: string;
  readonly run?: Run | RunDetail | null;
  readonly runs?: readonly Run[];
  /** Ids of runs that are gone. */
  readonly removed?: readonly string[];
  readonly taskRuns?: readonly TaskRun[];
  readonly progress?: readonly Progress[];
  readonly workflow?: Workflow;
  readonly workflows?: readonly Workflow[];
  readonly loadErrors?: readonly LoadProblem[];
}

type Pages = InfiniteData<{ items: Run[]; next: string | null }, string | null>;

/** Grids and lists are asked again at most so often, however much changes. */
const REFRESH_MS = 250;
/** Of a workflow, as bars: as many as the server tells of. */
const MOST_RECENT = 14;
/** What is made from all workflows. */
const OVERVIEW_MS = 2_000;

/** Writes what the stream tells into what pages have asked for. */
export class CacheUpdates {
  readonly #cache: QueryClient;
  readonly #refresh: Throttle;
  readonly #seldom: Throttle;

  constructor(cache: QueryClient) {
    this.#cache = cache;
    const ask = (key: string): void => void cache.invalidateQueries({ queryKey: JSON.parse(key) as unknown[] });
    this.#refresh = new Throttle(REFRESH_MS, ask);
    this.#seldom = new Throttle(OVERVIEW_MS, ask);
  }

  readonly apply = ({ event, data }: LiveEvent): void => {
    const told = data as Told;
    if (event === "reset") return this.#everything();
    if (told.topic === "workflows") this.#workflows(told);
    else if (told.topic === "runs") {
      for (const run of told.runs ?? (told.run ? [told.run] : [])) this.#run(run, event);
      if (told.removed !== undefined) this.#removed(told.removed);
    } else if (told.topic?.startsWith("run:") === true) this.#taskRuns(told.topic.slice("run:".length), told, event);
  };

  #everything(): void {
    for (const key of ["grid", "graph", "runs", "some-runs", "recent-runs", "attempts", "run", "overview", "timeline"])
      this.#refresh.soon(JSON.stringify([key]));
  }

  #workflows({ workflow, workflows, loadErrors }: Told): void {
    if (workflows !== undefined)
      this.#cache.setQueryData(
        ["workflows"],
        workflows.filter(({ retired }) => !retired),
      );
    if (workflow !== undefined) {
      this.#cache.setQueryData<Workflow[]>(["workflows"], (known) => known && withWorkflow(known, workflow));
      const shown = this.#cache.getQueryData<Workflow>(["workflow", workflow.name]);
      if (shown !== undefined && shown.version !== workflow.version)
        for (const key of ["workflow", "graph", "versions", "grid"])
          this.#refresh.soon(JSON.stringify([key, workflow.name]));
      else
        this.#cache.setQueryData<Workflow>(["workflow", workflow.name], (known) => known && { ...known, ...workflow });
    }
    if (loadErrors !== undefined) this.#cache.setQueryData(["load-problems"], loadErrors);
  }

  #run(run: Run, event: LiveEvent["event"]): void {
    this.#cache.setQueryData<RunDetail>(["run", run.id], (known) => known && { ...known, ...run });
    this.#cache.setQueryData<RecentRuns>(["recent-runs"], (known) => known && withRecent(known, run));
    let isKnown = false;
    for (const [key, pages] of this.#cache.getQueriesData<Pages>({ queryKey: ["runs"] })) {
      if (pages === undefined) continue;
      const updated = withRun(pages, run);
      if (updated !== null) {
        isKnown = true;
        this.#cache.setQueryData(key, updated);
      } else if (matches(run, key[1] as RunFilter) && isNewer(run, pages))
        this.#cache.setQueryData(key, begunWith(pages, run));
    }
    if (event === "snapshot" && isKnown) return;
    this.#refresh.soon(JSON.stringify(["grid", run.workflow]));
    this.#refresh.soon(JSON.stringify(["some-runs"]));
    for (const key of ["overview", "timeline"]) this.#seldom.soon(JSON.stringify([key]));
  }

  #removed(ids: readonly string[]): void {
    forgetRuns(this.#cache, ids);
    for (const key of ["grid", "recent-runs"]) this.#refresh.soon(JSON.stringify([key]));
    for (const key of ["overview", "timeline", "windows"]) this.#seldom.soon(JSON.stringify([key]));
  }

  #taskRuns(id: string, { run, taskRuns, progress }: Told, event: LiveEvent["event"]): void {
    if (run === null) return this.#removed([id]);
    if (progress !== undefined)
      this.#cache.setQueryData<ProgressOfRun>(["progress", id], (known) =>
        withProgress(event === "snapshot" ? {} : (known ?? {}), progress),
      );
    if (taskRuns === undefined) return;
    if (run !== undefined)
      this.#cache.setQueryData(["run", id], (known: RunDetail | undefined) => ({ ...known, ...run }));
    this.#cache.setQueryData<TaskRun[]>(["task-runs", id], (known) =>
      event === "snapshot" ? [...taskRuns] : known && merged(known, taskRuns),
    );
    if (event === "delta" && taskRuns.some(({ claim }) => claim > 1))
      this.#refresh.soon(JSON.stringify(["attempts", id]));
    if (run !== undefined && event === "delta") this.#refresh.soon(JSON.stringify(["graph", run.workflow, id]));
  }
}

const withWorkflow = (known: readonly Workflow[], workflow: Workflow): Workflow[] =>
  [...known.filter(({ name }) => name !== workflow.name), ...(workflow.retired ? [] : [workflow])].sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );

/** `null`: it is in none of the pages. */
function withRun(pages: Pages, run: Run): Pages | null {
  const place = pages.pages.findIndex(({ items }) => items.some(({ id }) => id === run.id));
  if (place === -1) return null;
  return {
    ...pages,
    pages: pages.pages.map((page, at) =>
      at === place ? { ...page, items: page.items.map((each) => (each.id === run.id ? run : each)) } : page,
    ),
  };
}

/** Ids rise with time. */
const isNewer = (run: Run, { pages }: Pages): boolean => run.id > (pages[0]?.items[0]?.id ?? "");

const begunWith = (pages: Pages, run: Run): Pages => ({
  ...pages,
  pages: pages.pages.map((page, at) => (at === 0 ? { ...page, items: [run, ...page.items] } : page)),
});

/** With fewer than are told of, those are all that there are. */
function withRecent(known: RecentRuns, { workflow, id, state, date, startedAt, endedAt }: Run): RecentRuns {
  const at = known.findIndex((each) => each.workflow === workflow);
  const others = at === -1 ? [] : known[at]!.runs.filter((each) => each.id !== id);
  const runs = [...others, { id, state, date, startedAt, endedAt }]
    .sort((a, b) => (a.id < b.id ? 1 : -1))
    .slice(0, MOST_RECENT);
  return at === -1 ? [...known, { workflow, runs }] : known.with(at, { workflow, runs });
}

const matches = (run: Run, { workflow, state, tag, partition, from, to }: RunFilter): boolean =>
  (workflow === undefined || workflow === run.workflow) &&
  (state === undefined || state === run.state) &&
  tag === undefined &&
  (partition === undefined || partition === run.partition) &&
  (from === undefined || run.createdAt >= from) &&
  (to === undefined || run.createdAt < to);

function merged(known: readonly TaskRun[], news: readonly TaskRun[]): TaskRun[] {
  const byId = new Map(known.map((row) => [row.id, row]));
  for (const row of news) byId.set(row.id, row);
  return [...byId.values()];
}
