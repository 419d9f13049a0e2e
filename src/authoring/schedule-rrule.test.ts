import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadRRules } from "./schedule-rrule.ts";

test("the library for recurrence rules is found beside this package or beside the project", () => {
  const elsewhere = join(tmpdir(), "nowhere", "package.json");
  expect(loadRRules([elsewhere, import.meta.url]).RRuleTemporal).toBeTypeOf("function");
});

test("where it is not installed the error says what to do", () => {
  expect(() => loadRRules([join(tmpdir(), "nowhere", "package.json")])).toThrow(
    expect.objectContaining({ code: "DRIVER_MISSING", message: expect.stringContaining("npm install rrule-temporal") }),
  );
});
