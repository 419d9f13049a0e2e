import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type { Answer } from "../../../src/client/index.ts";
import type { TriggerKind } from "../../../src/core/trigger.ts";
import { tutti } from "./tutti.ts";

export type Happened = Answer<"get", "/api/events">["items"][number];

export const eventsQuery = (kind: TriggerKind | undefined) =>
  infiniteQueryOptions({
    queryKey: ["events", kind ?? null],
    staleTime: 5_000,
    refetchInterval: 10_000,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      tutti().get("/api/events", {
        query: {
          limit: 100,
          ...(kind === undefined ? {} : { kind }),
          ...(pageParam === null ? {} : { cursor: pageParam }),
        },
        signal,
      }),
    getNextPageParam: (page) => page.next,
  });

export const triggersQuery = queryOptions({
  queryKey: ["triggers"],
  staleTime: 15_000,
  queryFn: async ({ signal }) => (await tutti().get("/api/triggers", { query: { limit: 1000 }, signal })).items,
});
