import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import type { Run } from "../runs.ts";

type Pages = InfiniteData<{ items: Run[]; next: string | null }, string | null>;

/** Runs that have been removed are in no list any more; pages that show them say that they are gone. */
export function forgetRuns(cache: QueryClient, ids: readonly string[]): void {
  const gone = new Set(ids);
  const without = (runs: readonly Run[]): Run[] => runs.filter(({ id }) => !gone.has(id));
  for (const id of ids) cache.setQueryData<Run | null>(["run", id], (known) => known && null);
  cache.setQueriesData<Pages>(
    { queryKey: ["runs"] },
    (known) => known && { ...known, pages: known.pages.map((page) => ({ ...page, items: without(page.items) })) },
  );
  cache.setQueriesData<Run[]>({ queryKey: ["some-runs"] }, (known) => known && without(known));
}
