import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type { Answer } from "../../../src/client/index.ts";
import { tutti } from "./tutti.ts";

export type Asset = Answer<"get", "/api/assets">["items"][number];
export type AssetDetail = Answer<"get", "/api/assets/{asset}">;
export type AssetGraph = Answer<"get", "/api/asset-graph">;
export type Materialization = Answer<"get", "/api/assets/{asset}/materializations">["items"][number];

/** An update comes with the success of a task, of which the stream tells nobody who looks at assets; age comes by itself. */
const EVERY_MS = 5_000;
const PAGE = 50;
const MOST = 1000;

export const assetsQuery = queryOptions({
  queryKey: ["assets"],
  refetchInterval: EVERY_MS,
  queryFn: async ({ signal }) => (await tutti().get("/api/assets", { query: { limit: MOST }, signal })).items,
});

export const assetGraphQuery = queryOptions({
  queryKey: ["asset-graph"],
  refetchInterval: EVERY_MS,
  queryFn: ({ signal }) => tutti().get("/api/asset-graph", { signal }),
});

export const assetQuery = (asset: string) =>
  queryOptions({
    queryKey: ["asset", asset],
    refetchInterval: EVERY_MS,
    queryFn: ({ signal }) => tutti().get("/api/assets/{asset}", { params: { asset }, signal }),
  });

export const materializationsQuery = (asset: string) =>
  infiniteQueryOptions({
    queryKey: ["materializations", asset],
    refetchInterval: EVERY_MS,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      tutti().get("/api/assets/{asset}/materializations", {
        params: { asset },
        query: { limit: PAGE, ...(pageParam === null ? {} : { cursor: pageParam }) },
        signal,
      }),
    getNextPageParam: (page) => page.next,
  });
