import { dag, task } from "tutti";
import { expect, test } from "vitest";
import { build } from "../authoring/build.ts";
import { whatDiffers } from "./version-difference.ts";

const manifest = (timeout: string, ...names: string[]) =>
  build(dag("w", {}, () => void names.map((name) => task(name, { timeout }, () => {})()))).manifest;

test("graphs that are the same differ in nothing", () => {
  expect(whatDiffers(manifest("1s", "a"), manifest("1s", "a"))).toBe("");
});

test("an option that differs is named by its task, with both values", () => {
  expect(whatDiffers(manifest("1s", "a"), manifest("2s", "a"))).toBe("tasks.a.timeoutMs: 1000, here 2000.");
});

test("a task in front of the others is the one difference", () => {
  expect(whatDiffers(manifest("1s", "b"), manifest("1s", "a", "b"))).toMatch(/^tasks\.a: absent, here \{/);
});
