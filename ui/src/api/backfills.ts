import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { Answer } from "../../../src/client/index.ts";
import { tutti } from "./tutti.ts";

export type Backfill = Answer<"get", "/api/backfills">["items"][number];
export type BackfillPreview = Answer<"post", "/api/backfills/preview">;

/** What is asked of a backfill. */
export interface BackfillAsked {
  readonly workflow: string;
  readonly schedule: string;
  readonly from: string;
  readonly to: string;
  readonly reprocess: "none" | "failed" | "all";
  readonly order: "oldest" | "newest";
  readonly maxActiveRuns: number;
  readonly version: "same" | "latest";
}

const MOVING_MS = 2_000;

/** Of one workflow, or of all. While one is at work it is looked at again and again: the stream does not tell of them. */
export const backfillsQuery = (workflow: string | undefined) =>
  queryOptions({
    queryKey: ["backfills", workflow ?? null],
    staleTime: 5_000,
    queryFn: async ({ signal }) =>
      (
        await tutti().get("/api/backfills", {
          query: { limit: 50, ...(workflow === undefined ? {} : { workflow: [workflow] }) },
          signal,
        })
      ).items,
    refetchInterval: ({ state: { data } }) =>
      data?.some(({ state }) => state === "running") === true ? MOVING_MS : false,
  });

/** What a backfill would do; counts are of all windows. */
export const previewQuery = (asked: BackfillAsked) =>
  queryOptions({
    queryKey: ["backfill-preview", asked],
    staleTime: 5_000,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }): Promise<BackfillPreview> =>
      tutti().post("/api/backfills/preview", { body: { ...asked, limit: 1 }, signal }),
  });
