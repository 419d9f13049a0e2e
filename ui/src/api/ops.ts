import { queryOptions } from "@tanstack/react-query";
import type { Answer } from "../../../src/client/index.ts";
import { tutti } from "./tutti.ts";

export type Pool = Answer<"get", "/api/pools">["items"][number];
export type Secret = Answer<"get", "/api/secrets">["items"][number];
export type Connection = Answer<"get", "/api/connections">["items"][number];

/** Who holds a slot changes with every task; no event tells of it. */
const EVERY_MS = 2_000;

export const poolsQuery = queryOptions({
  queryKey: ["pools"],
  refetchInterval: EVERY_MS,
  queryFn: async ({ signal }) => (await tutti().get("/api/pools", { query: { limit: 1000 }, signal })).items,
});

export const secretsQuery = queryOptions({
  queryKey: ["secrets"],
  queryFn: async ({ signal }) => (await tutti().get("/api/secrets", { signal })).items,
});

export const connectionsQuery = queryOptions({
  queryKey: ["connections"],
  queryFn: async ({ signal }) => (await tutti().get("/api/connections", { signal })).items,
});
