import { infiniteQueryOptions } from "@tanstack/react-query";
import type { Answer } from "../../../src/client/index.ts";
import { tutti } from "./tutti.ts";

export type Alert = Answer<"get", "/api/alerts">["items"][number];

export const alertsQuery = (state: Alert["state"] | undefined) =>
  infiniteQueryOptions({
    queryKey: ["alerts", state ?? null],
    staleTime: 5_000,
    refetchInterval: 10_000,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      tutti().get("/api/alerts", {
        query: {
          limit: 100,
          ...(state === undefined ? {} : { state: [state] }),
          ...(pageParam === null ? {} : { cursor: pageParam }),
        },
        signal,
      }),
    getNextPageParam: (page) => page.next,
  });
