import type { Alert } from "../../authoring/alert.ts";

/** An alert as the alert service makes them, for the tests of whoever sends one. */
export const sampleAlert = (changes: Partial<Alert> = {}): Alert => ({
  event: "failed",
  id: "alert-1",
  key: "retail/load/2025-08-12",
  at: new Date("2025-08-13T06:01:02Z"),
  workflow: "retail",
  task: "load",
  runId: "01jxyz",
  date: "2025-08-12",
  attempt: 3,
  count: 1,
  error: { name: "SqlFailed", message: "no such table <daily> & co", code: "SQL_FAILED" },
  failedTasks: [],
  undelivered: null,
  log: ["loading", "it broke"],
  url: "https://tutti.example.com/runs/01jxyz",
  ...changes,
});
