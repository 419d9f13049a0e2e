import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type { Answer } from "../../../src/client/index.ts";
import { tutti } from "./tutti.ts";

export type User = Answer<"get", "/api/users">["items"][number];
export type Token = Answer<"get", "/api/tokens">["items"][number];

export const usersQuery = queryOptions({
  queryKey: ["users"],
  queryFn: async ({ signal }) => (await tutti().get("/api/users", { signal })).items,
});

export const tokensQuery = queryOptions({
  queryKey: ["tokens"],
  queryFn: async ({ signal }) => (await tutti().get("/api/tokens", { signal })).items,
});

export const auditQuery = (actor: string | undefined) =>
  infiniteQueryOptions({
    queryKey: ["audit", actor ?? null],
    staleTime: 0,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      tutti().get("/api/audit", {
        query: {
          limit: 50,
          ...(actor === undefined ? {} : { actor }),
          ...(pageParam === null ? {} : { cursor: pageParam }),
        },
        signal,
      }),
    getNextPageParam: (page) => page.next,
  });
