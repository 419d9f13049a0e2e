import type { Instant } from "../../core/clock.ts";
import type { Cause } from "../../core/event.ts";
import { runSpanId, taskSpanId, traceIdOf } from "../../core/trace-context.ts";
import type { Transition } from "../../core/transition.ts";
import type { LogLine } from "../../runtime/protocol.ts";
import type { LiveRun } from "../live-run.ts";
import type { Attributes, LogRecord, Span } from "./otlp.ts";

/** What ended with a transition, where something had been executed. `null`: nothing. */
export function taskSpan(run: LiveRun, transition: Transition): Span | null {
  const { instance, claim, ended, deferral, to, at, error, attempt, generation, worker } = transition;
  if (claim === 0 || (ended === null && deferral === null)) return null;
  const claimedAt = ended === null ? instance.claimedAt : ended.claimedAt;
  // Of an attempt that waited, `startedAt` is its first start; this is its last execution.
  const start = Math.max(claimedAt ?? 0, ended?.startedAt ?? 0) || at;
  return {
    traceId: traceIdOf(run.id),
    spanId: taskSpanId(instance.id, claim),
    parentSpanId: runSpanId(run.model.header.generation),
    name: run.taskName(instance.task),
    start,
    end: ended?.endedAt ?? at,
    attributes: {
      ...aboutRun(run),
      "tutti.task": run.taskName(instance.task),
      "tutti.task_run": instance.id,
      "tutti.map_index": instance.index,
      "tutti.attempt": attempt,
      "tutti.generation": generation,
      "tutti.claim": claim,
      "tutti.worker": worker,
      "tutti.state": ended !== null && to === "queued" ? "lost" : to,
      "error.type": error === null ? null : (error.code ?? error.name),
    },
    error: error === null ? null : error.message,
    ...(ended !== null && ended.queuedAt !== null && { events: [{ at: ended.queuedAt, name: "queued" }] }),
  };
}

/** A run that has ended. */
export function runSpan(run: LiveRun, at: Instant): Span {
  const { record, model } = run;
  const { state } = model.header;
  const cause = typeof record.cause !== "string" ? null : (JSON.parse(record.cause) as Cause);
  const links = (cause?.events ?? []).flatMap(({ runId }) =>
    runId === null ? [] : [{ traceId: traceIdOf(runId), spanId: runSpanId(1) }],
  );
  return {
    traceId: traceIdOf(run.id),
    spanId: runSpanId(model.header.generation),
    parentSpanId: null,
    name: record.workflow,
    start: record.createdAt,
    end: at,
    attributes: {
      ...aboutRun(run),
      "tutti.trigger": record.trigger,
      "tutti.date": record.date,
      "tutti.backfill": record.backfill,
      "tutti.state": state,
    },
    error: state === "failed" ? "The run has failed." : null,
    ...(links.length > 0 && { links }),
  };
}

const aboutRun = ({ id, record, version }: LiveRun): Attributes => ({
  "tutti.workflow": record.workflow,
  "tutti.run": id,
  "tutti.version": version.record.hash.slice(0, 12),
});

export const logRecord = ({ runId, taskRunId, claim, at, level, source, message, fields }: LogLine): LogRecord => ({
  traceId: traceIdOf(runId),
  spanId: taskSpanId(taskRunId, claim),
  at,
  level,
  message,
  attributes: {
    "tutti.run": runId,
    "tutti.task_run": taskRunId,
    "log.iostream": source === "log" ? null : source,
    ...Object.fromEntries(Object.entries(fields ?? {}).map(([key, value]) => [key, plain(value)])),
  },
});

const plain = (value: unknown): string | number | boolean | null =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? value
    : value === null || value === undefined
      ? null
      : JSON.stringify(value);
