import { expect, test } from "vitest";
import { driverLine } from "./driver-line.ts";
import { FailureReader } from "./failure-reader.ts";

function read(...lines: string[]) {
  const reader = new FailureReader();
  for (const line of lines) reader.line(line);
  return reader.found;
}

test.each([
  [
    "26/11/22 21:17:14 INFO SparkContext: Running Spark version 4.3.0",
    "info",
    "SparkContext",
    "Running Spark version 4.3.0",
  ],
  ["2026-11-22 21:17:14,123 [main] WARN Utils: Set SPARK_LOCAL_IP", "warn", "Utils", "Set SPARK_LOCAL_IP"],
  ["26/11/22 21:21:34 ERROR TaskSetManager: Task 0 failed", "error", "TaskSetManager", "Task 0 failed"],
  [
    '{"ts":"2026-11-22T21:17:14Z","level":"INFO","msg":"up","logger":"org.apache.spark.SparkContext"}',
    "info",
    "SparkContext",
    "up",
  ],
  ["sum of squares: 140", null, "", "sum of squares: 140"],
  ['{"region":"West"}', null, "", '{"region":"West"}'],
  ["\tat org.apache.spark.SparkContext.runJob", null, "", "\tat org.apache.spark.SparkContext.runJob"],
])("%j", (line, level, logger, message) => {
  expect(driverLine(line)).toEqual({ level, logger, message });
});

test("a failed stage is read with its whole reason, up to the next line of the log", () => {
  expect(
    read(
      "26/11/22 21:21:34 INFO DAGScheduler: ResultStage 0 (sum at daily.py:9) failed in 9.8 s due to [PYTHON_EXCEPTION] Traceback",
      '  File "daily.py", line 6, in work',
      "ValueError: row 7 is bad",
      "26/11/22 21:21:34 INFO DAGScheduler: Job 0 failed: sum at daily.py:9, took 10 s",
      "Traceback (most recent call last):",
      "py4j.protocol.Py4JJavaError: An error occurred",
    ),
  ).toEqual({
    stage: {
      id: 0,
      name: "sum at daily.py:9",
      reason: '[PYTHON_EXCEPTION] Traceback\n  File "daily.py", line 6, in work\nValueError: row 7 is bad',
    },
    reason: "Traceback (most recent call last):\npy4j.protocol.Py4JJavaError: An error occurred",
  });
});

test("without a log of its own, the stage that the REST API showed is the reason", () => {
  const reader = new FailureReader();
  const stage = {
    stageId: 3,
    attemptId: 0,
    name: "count at a.py:1",
    status: "FAILED",
    numTasks: 1,
    numCompleteTasks: 0,
  } as const;
  reader.stageFailed({ ...stage, failureReason: "ExecutorLostFailure" });
  expect(reader.found).toEqual({
    stage: { id: 3, name: "count at a.py:1", reason: "ExecutorLostFailure" },
    reason: "",
  });
});

test("a driver's own exception is the reason, without what was logged before it", () => {
  expect(
    read(
      "26/11/22 21:17:14 INFO SparkContext: up",
      'Exception in thread "main" org.apache.spark.SparkException: no such table',
      "\tat shop.Daily.main(Daily.scala:8)",
      "26/11/22 21:17:15 INFO ShutdownHookManager: Deleting directory",
    ),
  ).toEqual({
    stage: null,
    reason:
      'Exception in thread "main" org.apache.spark.SparkException: no such table\n\tat shop.Daily.main(Daily.scala:8)',
  });
});

test("a driver that says nothing of the kind gives its last lines, and no more than twenty", () => {
  const { reason } = read(...Array.from({ length: 30 }, (_, at) => `line ${at}`));
  expect(reason.split("\n")).toEqual(Array.from({ length: 20 }, (_, at) => `line ${at + 10}`));
});

test("what a driver survives is no reason of its end", () => {
  const { reason } = read(
    "Traceback (most recent call last):",
    "KeyError: no such setting",
    "26/11/22 21:17:15 WARN HttpChannel: /api/v1/applications",
    "java.io.IOException: Broken pipe",
    "Caused by: java.io.IOException: Broken pipe",
  );
  expect(reason).toBe("Traceback (most recent call last):\nKeyError: no such setting");
});
