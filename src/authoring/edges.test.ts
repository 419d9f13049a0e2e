import { expect, test } from "vitest";
import type { ScheduleManifest } from "../core/schedule.ts";
import { readEdges } from "./edges.ts";

const LONDON: ScheduleManifest = { name: "schedule", kind: "daily", at: "06:00", timezone: "Europe/London" };

const read = (start?: string | Date, end?: string | Date) =>
  readEdges(
    { ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { end }) },
    [LONDON],
    'Workflow "w"',
  );

test("edges stay as the user wrote them; a Date is an instant", () => {
  expect(read()).toEqual({ start: null, end: null });
  expect(read("2025-08-12", "2025-08-12")).toEqual({ start: "2025-08-12", end: "2025-08-12" });
  expect(read("2025-08-12T06:00Z", "2025-08-12T08:00:30.5+02:00")).toEqual({
    start: "2025-08-12T06:00Z",
    end: "2025-08-12T08:00:30.5+02:00",
  });
  expect(read(new Date(0))).toEqual({ start: "1970-01-01T00:00:00.000Z", end: null });
});

test.each(["2025-02-30", "2025-13-01", "12.08.2025", "2025-02-30T06:00Z", "yesterday", "", new Date(NaN)])(
  "%j is no edge",
  (start) => {
    expect(() => read(start)).toThrow(
      expect.objectContaining({ code: "BAD_DATE", message: expect.stringContaining('Workflow "w": option "start"') }),
    );
  },
);

test("an end before the start is refused", () => {
  expect(() => read("2025-08-12", "2025-08-11")).toThrow(expect.objectContaining({ code: "BAD_DATE" }));
  // Local midnight in London is 23:00Z of the day before.
  expect(() => read("2025-08-12", "2025-08-11T22:59Z")).toThrow(expect.objectContaining({ code: "BAD_DATE" }));
  expect(read("2025-08-12", "2025-08-11T23:00Z").end).toBe("2025-08-11T23:00Z");
});
