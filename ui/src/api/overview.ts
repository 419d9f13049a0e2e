import { queryOptions } from "@tanstack/react-query";
import type { Answer } from "../../../src/client/index.ts";
import { tutti } from "./tutti.ts";

export type Overview = Answer<"get", "/api/overview">;
export type News = Overview["news"][number];
export type Timeline = Answer<"get", "/api/timeline">;
export type Lane = Timeline["lanes"][number];
export type RunBar = Lane["runs"][number];

const HOUR = 3_600_000;
const BACK_MS = 24 * HOUR;
const AHEAD_MS = 4 * HOUR;
/** What is to come moves on by itself. */
const EVERY_MS = 60_000;

export const overviewQuery = queryOptions({
  queryKey: ["overview"],
  refetchInterval: EVERY_MS,
  queryFn: ({ signal }) => tutti().get("/api/overview", { signal }),
});

export type RecentRuns = Answer<"get", "/api/recent-runs">["items"];

/** The last runs of every workflow, kept by the stream: nothing is asked again. */
export const recentRunsQuery = queryOptions({
  queryKey: ["recent-runs"],
  queryFn: async ({ signal }): Promise<RecentRuns> => (await tutti().get("/api/recent-runs", { signal })).items,
});

/** A day back, and a few hours ahead. */
export const timelineQuery = queryOptions({
  queryKey: ["timeline"],
  refetchInterval: EVERY_MS,
  queryFn: ({ signal }) => {
    const now = Date.now();
    const query = { from: new Date(now - BACK_MS).toISOString(), to: new Date(now + AHEAD_MS).toISOString() };
    return tutti().get("/api/timeline", { query, signal });
  },
});
