import { expect, test } from "vitest";
import { usualLimitMs } from "./usual-duration.ts";

const minutes = (...all: number[]): number[] => all.map((n) => n * 60_000);

test("nothing is said before ten runs have succeeded", () => {
  expect(usualLimitMs(minutes(1, 2, 3, 4, 5, 6, 7, 8, 9))).toBe(null);
});

test("it is slow that takes twice as long as half of them did", () => {
  expect(usualLimitMs(minutes(10, 10, 10, 10, 10, 10, 10, 10, 10, 11))).toBe(1_200_000);
});

test("one of a few seconds may take a minute more", () => {
  expect(usualLimitMs(Array.from({ length: 10 }, () => 2_000))).toBe(62_000);
});

test("what one run in five takes is usual", () => {
  expect(usualLimitMs(minutes(1, 1, 1, 1, 1, 1, 1, 1, 9, 9))).toBe(540_000);
});
