import type { Static } from "typebox";
import type { LogLine as LogLineSchema } from "../../api/log-contracts.ts";
import type { TuttiClient } from "../../client/tutti-client.ts";
import type { FollowOptions, LogFilter, LogReader } from "../../engine/logs/log-reader.ts";
import { instant } from "./from-documents.ts";

type LogLine = Awaited<ReturnType<LogReader["read"]>>[number];

/** Which lines are wanted, where a run's are read. */
export type LinesOf = Pick<LogFilter, "taskRuns" | "text">;

/** Where the lines of a run are read: files of this machine and stores of objects, or a server. */
export interface LogView {
  lines(runId: string, of?: LinesOf): AsyncGenerator<LogLine, void>;
  follow(runId: string, options: Pick<FollowOptions, "signal" | "everyMs" | "text">): AsyncGenerator<LogLine, void>;
}

const A_PAGE = 1_000;

/** The logs of a store as its server shows them. */
export class ServerLogs implements LogView {
  readonly #client: TuttiClient;

  constructor(client: TuttiClient) {
    this.#client = client;
  }

  /** A page at a time. */
  async *lines(runId: string, { taskRuns, text }: LinesOf = {}): AsyncGenerator<LogLine, void> {
    const params = { run: runId };
    const only = taskRuns?.size === 1 ? [...taskRuns][0] : undefined;
    const query = {
      limit: A_PAGE,
      ...(only !== undefined && { taskRun: only }),
      ...(text !== undefined && { q: text }),
    };
    // Of a run that goes on there is always a next page.
    for (let cursor: string | null = null; ;) {
      const asked: typeof query & { cursor?: string } = { ...query, ...(cursor !== null && { cursor }) };
      const { items, next, more } = await this.#client.get("/api/runs/{run}/logs", { params, query: asked });
      for (const line of items) if (taskRuns?.has(line.taskRunId) !== false) yield logLine(line, runId);
      if (!more) return;
      cursor = next;
    }
  }

  async *follow(
    runId: string,
    { signal, text }: Pick<FollowOptions, "signal" | "text">,
  ): AsyncGenerator<LogLine, void> {
    const held = text?.toLowerCase();
    const params = { run: runId };
    let cursor: string | null = null;
    let seen = 0;
    let told = 0;
    for (;;) {
      const last = signal.aborted;
      const query: { limit: number; cursor?: string } = { limit: A_PAGE, ...(cursor === null ? {} : { cursor }) };
      const { items, next, more } = await this.#client.get("/api/runs/{run}/logs", { params, query });
      for (const line of items)
        if (held === undefined || line.message.toLowerCase().includes(held)) yield logLine(line, runId);
      seen += items.length;
      // The run has ended, and all of it has been read.
      if (next === null) return;
      cursor = next;
      if (more || items.length > 0) continue;
      if (last) return;
      told = await this.#news(runId, Math.max(seen, told), signal);
    }
  }

  /** Until there are more lines than were seen, or the signal. Answers how many there are, with those that are half and never shown. */
  async #news(runId: string, seen: number, signal: AbortSignal): Promise<number> {
    try {
      for await (const { data } of this.#client.events([`logs:${runId}`], { signal })) {
        const { total = 0 } = data as { readonly total?: number };
        if (total > seen) return total;
      }
    } catch {
      // The page that is read next says what is wrong.
    }
    return seen;
  }
}

/** A line as its writer wrote it. */
export const logLine = (document: Static<typeof LogLineSchema>, runId: string): LogLine => ({
  taskRunId: document.taskRunId,
  claim: document.claim,
  runId,
  at: instant(document.at),
  level: document.level,
  source: document.source as LogLine["source"],
  message: document.message,
  fields: document.fields as LogLine["fields"],
});
