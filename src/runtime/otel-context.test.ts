import { context, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { taskSpanId, traceIdOf } from "../core/trace-context.ts";
import { task } from "../authoring/task.ts";
import { fakeAttempt } from "../testing/fake-attempt.ts";
import { inTaskSpan, useOpenTelemetry } from "./otel-context.ts";

test("where a project has OpenTelemetry's API, a task's span is the active one in all that the task does", async () => {
  const manager = new AsyncLocalStorageContextManager();
  context.setGlobalContextManager(manager.enable());
  onTestFinished(() => {
    manager.disable();
    context.disable();
  });
  const { attempt } = fakeAttempt(task("a", () => 1));
  const seen = () =>
    new Promise((resolve) => {
      inTaskSpan(attempt, () => {
        setImmediate(() => resolve(trace.getSpanContext(context.active())));
      });
    });
  expect(await seen()).toBeUndefined();
  await useOpenTelemetry(join(import.meta.dirname, "..", ".."));
  const { runId, taskRunId, claim } = attempt.task;
  expect(await seen()).toMatchObject({ traceId: traceIdOf(runId), spanId: taskSpanId(taskRunId, claim) });
  expect(trace.getSpanContext(context.active())).toBeUndefined();
  await useOpenTelemetry("/");
  expect(await seen()).toBeUndefined();
});
