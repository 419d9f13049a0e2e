import { test } from "vitest";
import { formatDuration } from "../../src/core/duration.ts";
import { decideRetry, type RetryPolicy } from "../../src/core/retry-policy.ts";
import type { ScheduleManifest } from "../../src/core/schedule.ts";
import { dayWindow, type Window, windowOfDate } from "../../src/core/window.ts";
import { readRetries } from "../../src/authoring/retries.ts";
import type { Retries } from "../../src/authoring/retries.ts";
import { daily } from "../../src/authoring/schedule-calendar.ts";
import { cron, every } from "../../src/authoring/schedule-ticks.ts";
import { readSchedules } from "../../src/authoring/schedule.ts";
import { expectGenerated, markdownTable } from "./generated-part.ts";

test("the delays on the page on retries are those of the policy", () => {
  const attempts = [1, 2, 3, 4, 5, 10, 12];
  const policies: Readonly<Record<string, Retries>> = {
    "the default": { limit: 99 },
    '`delay: "10s"`': { limit: 99, delay: "10s" },
    '`delay: "10s", backoff: "linear"`': { limit: 99, delay: "10s", backoff: "linear" },
    '`delay: "10s", backoff: "fixed"`': { limit: 99, delay: "10s", backoff: "fixed" },
  };
  const rows = Object.entries(policies).map(([name, retries]) => {
    const { policy } = readRetries({ ...retries, jitter: "none" }, "a task");
    return [name, ...attempts.map((attempt) => formatDuration(delayOf(policy, attempt)))];
  });
  expectGenerated("docs/learn/retries.md", "delays", markdownTable(["policy", ...attempts.map(String)], rows));
});

function delayOf(policy: RetryPolicy | null, attempt: number): number {
  const decision = decideRetry(policy, { attempt, rule: null, retryAfterMs: null, final: false, random: 0 });
  return decision.retry ? decision.delayMs : NaN;
}

test("the windows on the page on windows are those of the schedules", () => {
  const date = "2025-08-12";
  const schedules = {
    '`"@hourly"`': "@hourly",
    '`"@daily"`': "@daily",
    '`"@weekly"`': "@weekly",
    '`"@monthly"`': "@monthly",
    '`"@quarterly"`': "@quarterly",
    '`"@yearly"`': "@yearly",
    '`"@once"`': "@once",
    '`daily({ at: "06:00", timezone: "Europe/London" })`': daily({ at: "06:00", timezone: "Europe/London" }),
    '`cron("0 6 * * *")`': cron("0 6 * * *"),
    '`cron("0 9-17 * * MON-FRI")`': cron("0 9-17 * * MON-FRI"),
    '`every("90m")`': every("90m"),
  };
  const rows = Object.entries(schedules).map(([name, schedule]) =>
    rowOf(name, windowOfDate(readSchedules(schedule, "a workflow")[0] as ScheduleManifest, date)),
  );
  const table = markdownTable(["schedule", "from", "to", "`ctx.date`"], [...rows, rowOf("none", dayWindow(date))]);
  expectGenerated("docs/learn/windows.md", "dates", table);
});

const rowOf = (name: string, window: Window | null): string[] =>
  window === null ? [name, "–", "–", "–"] : [name, textOf(window.start), textOf(window.end), `\`${window.date}\``];

const textOf = (instant: number): string => new Date(instant / 1000).toISOString().replace(":00.000Z", "Z");
