import { queryOptions } from "@tanstack/react-query";
import type { Answer } from "../../../src/client/index.ts";
import { tutti } from "./tutti.ts";

export type WorkingProcess = Answer<"get", "/api/workers">["items"][number];

/** They say every few seconds that they live, and no event tells when one stops. */
const EVERY_MS = 5_000;

export const processesQuery = queryOptions({
  queryKey: ["processes"],
  refetchInterval: EVERY_MS,
  queryFn: async ({ signal }) => (await tutti().get("/api/workers", { signal })).items,
});

export const readyQuery = queryOptions({
  queryKey: ["ready"],
  refetchInterval: EVERY_MS,
  queryFn: async ({ signal }): Promise<boolean> => (await tutti().get("/health/ready", { signal })).ok,
});

/** Figures of the server, by name, as Prometheus reads them. */
export const metricsQuery = queryOptions({
  queryKey: ["metrics"],
  refetchInterval: EVERY_MS,
  queryFn: async ({ signal }) => parsed(await tutti().get("/metrics", { signal })),
});

export interface Figure {
  readonly name: string;
  readonly labels: string;
  readonly value: number;
  readonly help: string;
}

function parsed(text: string): Figure[] {
  const help = new Map<string, string>();
  const figures: Figure[] = [];
  for (const line of text.split("\n")) {
    const told = /^# HELP (\S+) (.*)$/.exec(line);
    if (told !== null) help.set(told[1]!, told[2]!);
    const found = /^([a-z_][a-z0-9_]*)(?:\{(.*)\})? (\S+)$/i.exec(line);
    if (found !== null)
      figures.push({
        name: found[1]!,
        labels: found[2] ?? "",
        value: Number(found[3]),
        help: help.get(found[1]!) ?? "",
      });
  }
  return figures;
}
