import { expect, test } from "vitest";
import { isLogPosition, LogPositions } from "./log-cursor.ts";

const of = (workers: number) =>
  new Map(Array.from({ length: workers }, (_, number) => [`worker-${number}`, number * 1_000_003] as const));

test("a position says how far each worker's lines have been read, however many workers there are", () => {
  const positions = new LogPositions();
  for (const workers of [0, 1, 3, 100, 5_000]) {
    const text = positions.write({ next: of(workers), left: 7 });
    expect(text.length).toBeLessThanOrEqual(3_000);
    expect(isLogPosition(text)).toBe(true);
    const { from, left } = positions.read(text);
    expect(left).toBe(7);
    for (const [name, offset] of of(workers)) expect(from(name)).toBe(offset);
    expect(from("somebody new")).toBe(0);
  }
});

test("one that is kept by nobody any more is refused, and what was made up is none", () => {
  const text = new LogPositions().write({ next: of(5_000), left: 0 });
  expect(() => new LogPositions().read(text)).toThrow(expect.objectContaining({ code: "CURSOR_REFUSED" }));
  for (const made of ["", "x", "1.", "1.short", "-1", "1.abcdefgh-5", "kept x", 7, null, [1]])
    expect(isLogPosition(made)).toBe(false);
});
