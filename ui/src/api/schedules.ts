import { queryOptions } from "@tanstack/react-query";
import type { Answer } from "../../../src/client/index.ts";
import { tutti } from "./tutti.ts";

export type Schedule = Answer<"get", "/api/schedules">["items"][number];

export const schedulesQuery = queryOptions({
  queryKey: ["schedules"],
  staleTime: 15_000,
  queryFn: async ({ signal }) => (await tutti().get("/api/schedules", { query: { limit: 1000 }, signal })).items,
});
