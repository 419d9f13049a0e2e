import { expect, test } from "vitest";
import {
  cron,
  dates,
  daily,
  every,
  hourly,
  monthly,
  partitions,
  previewSchedule,
  quarterly,
  rrule,
  type Schedule,
  weekly,
  yearly,
} from "tutti";
import { expectGenerated, markdownTable } from "./generated-part.ts";

const PAGE = "docs/learn/schedules.md";
const shown = (date: Date): string => date.toISOString().slice(0, 16) + "Z";

test("the next runs on the page on schedules are those of the schedules", () => {
  const schedules: Readonly<Record<string, Schedule>> = {
    '`"@daily"`': "@daily",
    '`"@weekly"`': "@weekly",
    '`hourly({ at: ":15" })`': hourly({ at: ":15" }),
    '`daily({ at: "06:00", timezone: "Europe/London" })`': daily({ at: "06:00", timezone: "Europe/London" }),
    '`weekly({ on: "monday", at: "06:00" })`': weekly({ on: "monday", at: "06:00" }),
    '`monthly({ on: 3, at: "06:00" })`': monthly({ on: 3, at: "06:00" }),
    "`quarterly({ month: 1, on: 15 })`": quarterly({ month: 1, on: 15 }),
    "`yearly({ month: 4, on: 6 })`": yearly({ month: 4, on: 6 }),
    '`cron("0 9-17 * * MON-FRI")`': cron("0 9-17 * * MON-FRI"),
    '`cron(["0 6 * * *", "0 18 * * FRI"])`': cron(["0 6 * * *", "0 18 * * FRI"]),
    '`every("90m")`': every("90m"),
    '`every("2d", { anchor: "2025-08-01T06:00", calendar: true })`': every("2d", {
      anchor: "2025-08-01T06:00",
      calendar: true,
    }),
    '`rrule("FREQ=WEEKLY;BYDAY=FR;BYHOUR=18")`': rrule("FREQ=WEEKLY;BYDAY=FR;BYHOUR=18"),
    '`dates(["2026-01-15T09:00"])`': dates(["2026-01-15T09:00"]),
  };
  const rows = Object.entries(schedules).map(([name, schedule]) => {
    const [run] = previewSchedule(schedule, { after: "2025-08-12T10:30Z", count: 1 });
    return [name, shown(run!.fireAt), shown(run!.window.start), shown(run!.window.end)];
  });
  expectGenerated(PAGE, "next", markdownTable(["schedule", "fires", "window from", "to"], rows));
});

test("the keys of an hour that comes twice are those on the page", () => {
  const hours = partitions.hourly({ start: "2025-10-01", timezone: "Europe/London" });
  expect(hours.between("2025-10-26-01:00", "2025-10-26-02:00")).toEqual([
    "2025-10-26-01:00",
    "2025-10-26-01:00+0000",
    "2025-10-26-02:00",
  ]);
});
