import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { taskSpanId, traceIdOf } from "../core/trace-context.ts";
import type { Attempt } from "./attempt.ts";

type Api = typeof import("@opentelemetry/api");

const PACKAGE = "@opentelemetry/api";
let api: Api | null = null;

/** Where the project has OpenTelemetry's API, what its instrumentations see in a task is a part of the run's trace. Where it has not, nothing follows. */
export async function useOpenTelemetry(projectDir: string): Promise<void> {
  try {
    const found = createRequire(join(projectDir, "package.json")).resolve(PACKAGE);
    const loaded = (await import(pathToFileURL(found).href)) as Api | { readonly default: Api };
    // Of a CommonJS module Node may know no names but the default.
    api = "ROOT_CONTEXT" in loaded ? loaded : loaded.default;
  } catch {
    api = null;
  }
}

/** Does the work inside of the task's span, for whoever asks OpenTelemetry for the active one. */
export function inTaskSpan(attempt: Attempt, work: () => void): void {
  if (api === null) return work();
  const { runId, taskRunId, claim } = attempt.task;
  const { trace, context, ROOT_CONTEXT, TraceFlags } = api;
  const span = {
    traceId: traceIdOf(runId),
    spanId: taskSpanId(taskRunId, claim),
    traceFlags: TraceFlags.SAMPLED,
    isRemote: true,
  };
  context.with(trace.setSpanContext(ROOT_CONTEXT, span), work);
}
