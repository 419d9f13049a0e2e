import { expect, it } from "vitest";
import { RunIds } from "./run-ids.ts";

it("ids of one moment are all different, also past the chance that was drawn at once", () => {
  const ids = new RunIds();
  const made = Array.from({ length: 1_000 }, () => ids.next(1_754_987_696_000_000));
  expect(new Set(made).size).toBe(1_000);
});
