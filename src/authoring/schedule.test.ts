import { expect, test } from "vitest";
import { PRESETS } from "../core/schedule.ts";
import { cron, daily, every, readSchedules } from "./schedule.ts";

const read = (given: unknown) => readSchedules(given, 'Workflow "w"');
const refused = (make: () => unknown) => expect(make);
const BAD_CRON = expect.objectContaining({ code: "BAD_CRON" });
const BAD = expect.objectContaining({ code: "BAD_SCHEDULE" });

test("a workflow may have no schedule, one, or several, named by place", () => {
  expect(read(undefined)).toEqual([]);
  expect(read("@daily")).toEqual([{ name: "schedule", kind: "preset", preset: "@daily", timezone: "UTC" }]);
  expect(read([daily(), cron("0 6 * * *", { name: "early" }), every("90m")]).map(({ name }) => name)).toEqual([
    "schedule",
    "early",
    "schedule_3",
  ]);
});

test.each(PRESETS)("%s is a schedule", (preset) => expect(read(preset)).toMatchObject([{ preset }]));

test("daily is midnight UTC unless it is told otherwise", () => {
  expect(read(daily())).toEqual([{ name: "schedule", kind: "daily", at: "00:00", timezone: "UTC" }]);
  expect(read(daily({ at: "06:30", timezone: "Europe/London", name: "morning" }))).toEqual([
    { name: "morning", kind: "daily", at: "06:30", timezone: "Europe/London" },
  ]);
});

test("every counts from its anchor, an instant", () => {
  expect(read(every("90m", { anchor: "2025-01-01T01:00+01:00" }))).toMatchObject([
    { everyMs: 5_400_000, anchor: "2025-01-01T00:00:00.000Z" },
  ]);
  expect(read(every(60_000))).toMatchObject([{ everyMs: 60_000, anchor: "1970-01-01T00:00:00.000Z" }]);
});

test("schedules that are none are refused where they are written", () => {
  refused(() => daily({ at: "6:00" })).toThrow(BAD);
  refused(() => daily({ at: "24:00" })).toThrow(BAD);
  refused(() => daily({ timezone: "Europe/Londn" })).toThrow(
    expect.objectContaining({ code: "BAD_TIMEZONE", message: expect.stringMatching(/^daily\(…\): /) }),
  );
  refused(() => daily({ timezone: "+01:00" })).toThrow(expect.objectContaining({ code: "BAD_TIMEZONE" }));
  refused(() => daily({ zone: "UTC" } as never)).toThrow(expect.objectContaining({ code: "UNKNOWN_OPTION" }));
  refused(() => cron("61 * * * *")).toThrow(BAD_CRON);
  refused(() => cron("* * * *")).toThrow(BAD_CRON);
  refused(() => cron("0 0 30 2 *")).toThrow(BAD_CRON);
  refused(() => cron(undefined as never)).toThrow(BAD_CRON);
  refused(() => every(0)).toThrow(BAD);
  refused(() => every("soon")).toThrow(expect.objectContaining({ code: "BAD_DURATION" }));
  refused(() => every("1h", { anchor: "yesterday" })).toThrow(expect.objectContaining({ code: "BAD_DATE" }));
  refused(() => every("1h", { name: "" })).toThrow(expect.objectContaining({ code: "BAD_NAME" }));
});

test("what is no schedule is refused with what there is", () => {
  refused(() => read("@dayly")).toThrow(
    expect.objectContaining({ code: "BAD_SCHEDULE", message: expect.stringContaining('Did you mean "@daily"?') }),
  );
  refused(() => read(null)).toThrow(BAD);
  refused(() => read(["@daily", {}])).toThrow(BAD);
  refused(() => read([daily({ name: "a" }), cron("* * * * *", { name: "a" })])).toThrow(
    expect.objectContaining({ code: "DUPLICATE_SCHEDULE" }),
  );
});
