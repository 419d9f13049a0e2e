import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { Answer } from "../../../src/client/index.ts";
import { type LogFilter, type LogLine, queryOf } from "../log/log-line.ts";
import type { Run } from "./runs.ts";
import { tutti } from "./tutti.ts";

const RUNS = 40;
const LINES = 20;
const AT_ONCE = 6;
/** Of one run: the server looks at 32 MiB of its log for each. */
const PAGES = 8;

export interface LinesOfRun {
  readonly run: Run;
  readonly lines: readonly LogLine[];
  readonly more: boolean;
}

/** Lines of the newest runs that hold a text: each run is searched by the server, a few at a time. */
export const logSearchQuery = (filter: Pick<LogFilter, "level" | "q"> & { readonly workflow: string | undefined }) =>
  queryOptions({
    queryKey: ["log-search", filter],
    staleTime: 10_000,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }): Promise<LinesOfRun[]> => {
      const { workflow, ...wanted } = filter;
      const { items: runs } = await tutti().get("/api/runs", {
        query: { limit: RUNS, ...(workflow === undefined ? {} : { workflow: [workflow] }) },
        signal,
      });
      const found: LinesOfRun[] = [];
      for (let at = 0; at < runs.length; at += AT_ONCE)
        found.push(...(await Promise.all(runs.slice(at, at + AT_ONCE).map((run) => linesOf(run, wanted, signal)))));
      return found.filter(({ lines }) => lines.length > 0);
    },
  });

async function linesOf(run: Run, filter: LogFilter, signal: AbortSignal): Promise<LinesOfRun> {
  const lines: LogLine[] = [];
  let cursor: string | null = null;
  let more = true;
  for (let page = 0; more && page < PAGES && lines.length <= LINES; page++) {
    const found: Answer<"get", "/api/runs/{run}/logs"> = await tutti().get("/api/runs/{run}/logs", {
      params: { run: run.id },
      query: { ...queryOf(filter), limit: LINES + 1, ...(cursor === null ? {} : { cursor }) },
      signal,
    });
    lines.push(...found.items);
    cursor = found.next;
    more = found.more && cursor !== null;
  }
  return { run, lines: lines.slice(0, LINES), more: more || lines.length > LINES };
}
