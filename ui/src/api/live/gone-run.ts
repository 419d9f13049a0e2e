import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import type { Run } from "../runs.ts";

type Pages = InfiniteData<{ items: Run[]; next: string | null }, string | null>;

/** A run that has been removed is in no list any more; pages that show it say that it is gone. */
export function forgetRun(cache: QueryClient, id: string): void {
  cache.setQueryData(["run", id], null);
  cache.setQueriesData<Pages>(
    { queryKey: ["runs"] },
    (known) =>
      known && {
        ...known,
        pages: known.pages.map((page) => ({ ...page, items: page.items.filter((run) => run.id !== id) })),
      },
  );
  cache.setQueriesData<Run[]>({ queryKey: ["some-runs"] }, (known) => known?.filter((run) => run.id !== id));
  for (const key of ["grid", "recent-runs", "overview", "timeline", "windows"])
    void cache.invalidateQueries({ queryKey: [key] });
}
