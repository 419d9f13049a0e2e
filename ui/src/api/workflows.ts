import { queryOptions } from "@tanstack/react-query";
import type { Answer } from "../../../src/client/index.ts";
import type { WorkflowManifest } from "../../../src/core/manifest.ts";
import { tutti } from "./tutti.ts";

export type Workflow = Answer<"get", "/api/workflows">["items"][number];
export type WorkflowDetail = Omit<Answer<"get", "/api/workflows/{workflow}">, "manifest"> & {
  manifest: WorkflowManifest;
};
export type Grid = Answer<"get", "/api/workflows/{workflow}/grid">;
export type GridRun = Grid["runs"][number];
export type Graph = Answer<"get", "/api/workflows/{workflow}/graph">;
export type LoadProblem = Answer<"get", "/api/load-errors">["items"][number];
export type Version = Answer<"get", "/api/workflows/{workflow}/versions">["items"][number];

const MOST = 1000;

export const workflowsQuery = queryOptions({
  queryKey: ["workflows"],
  queryFn: async ({ signal }): Promise<Workflow[]> => {
    const all: Workflow[] = [];
    let cursor: string | undefined;
    do {
      const page = await tutti().get("/api/workflows", {
        query: { limit: MOST, ...(cursor === undefined ? {} : { cursor }) },
        signal,
      });
      all.push(...page.items);
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    return all;
  },
});

export const loadProblemsQuery = queryOptions({
  queryKey: ["load-problems"],
  queryFn: async ({ signal }): Promise<LoadProblem[]> => (await tutti().get("/api/load-errors", { signal })).items,
});

export const workflowQuery = (workflow: string) =>
  queryOptions({
    queryKey: ["workflow", workflow],
    queryFn: async ({ signal }) =>
      (await tutti().get("/api/workflows/{workflow}", { params: { workflow }, signal })) as WorkflowDetail,
  });

export const gridQuery = (workflow: string, runs: number) =>
  queryOptions({
    queryKey: ["grid", workflow, runs],
    queryFn: ({ signal }) =>
      tutti().get("/api/workflows/{workflow}/grid", { params: { workflow }, query: { runs }, signal }),
    placeholderData: (before) => (before?.workflow === workflow ? before : undefined),
  });

export const graphQuery = (workflow: string, at: { readonly run?: string; readonly version?: string } = {}) =>
  queryOptions({
    queryKey: ["graph", workflow, at.run ?? null, at.version ?? null],
    queryFn: ({ signal }) =>
      tutti().get("/api/workflows/{workflow}/graph", { params: { workflow }, query: at, signal }),
  });

export const versionsQuery = (workflow: string) =>
  queryOptions({
    queryKey: ["versions", workflow],
    queryFn: async ({ signal }) =>
      (await tutti().get("/api/workflows/{workflow}/versions", { params: { workflow }, query: { limit: 100 }, signal }))
        .items,
  });

export const versionDiffQuery = (workflow: string, version: string, from: string | undefined) =>
  queryOptions({
    queryKey: ["version-diff", workflow, version, from ?? null],
    queryFn: ({ signal }) =>
      tutti().get("/api/workflows/{workflow}/versions/{version}/diff", {
        params: { workflow, version },
        query: from === undefined ? {} : { from },
        signal,
      }),
  });

export const comingQuery = (workflow: string, count: number) =>
  queryOptions({
    queryKey: ["coming", workflow, count],
    staleTime: 30_000,
    queryFn: async ({ signal }) =>
      (await tutti().get("/api/workflows/{workflow}/preview", { params: { workflow }, query: { count }, signal }))
        .items,
  });

export const windowsQuery = (workflow: string, schedule: string | undefined, from: string, to: string) =>
  queryOptions({
    queryKey: ["windows", workflow, schedule ?? null, from, to],
    queryFn: async ({ signal }) =>
      (
        await tutti().get("/api/workflows/{workflow}/windows", {
          params: { workflow },
          query: { from, to, ...(schedule === undefined ? {} : { schedule }) },
          signal,
        })
      ).items,
  });
