import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { STATES } from "../words/state.ts";
import { difference, labOf } from "./colour-vision.test-data.ts";

const css = readFileSync(new URL("tokens.css", import.meta.url), "utf8");
const block = (from: string): Map<string, string> => {
  const text = css.slice(css.indexOf(from));
  return new Map(
    Array.from(text.slice(0, text.indexOf("}")).matchAll(/--([a-z0-9-]+):\s*(#[0-9a-f]{6})/g), ([, name, colour]) => [
      name!,
      colour!,
    ]),
  );
};
const THEMES = { light: block(":root {"), dark: block(':root[data-theme="dark"]') };

function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high! + 0.05) / (low! + 0.05);
}

test.each(Object.entries(THEMES))("in %s, every state's mark is seen and its word is read", (_, tokens) => {
  for (const state of STATES.map((each) => each.replaceAll("_", "-"))) {
    for (const ground of ["surface", "surface-sunk", "marker"])
      expect(contrast(tokens.get(state)!, tokens.get(ground)!), `${state} on ${ground}`).toBeGreaterThanOrEqual(3);
    for (const ground of ["surface", "surface-sunk"])
      expect(
        contrast(tokens.get(`${state}-ink`)!, tokens.get(ground)!),
        `${state} word on ${ground}`,
      ).toBeGreaterThanOrEqual(4.5);
  }
  for (const ink of ["ink", "ink-2", "ink-3"])
    expect(contrast(tokens.get(ink)!, tokens.get("surface")!), ink).toBeGreaterThanOrEqual(4.5);
  expect(contrast(tokens.get("ink")!, tokens.get("marker")!)).toBeGreaterThanOrEqual(4.5);
});

const LIVELY = ["succeeded", "failed", "running", "deferred", "up-for-retry", "upstream-failed"];

test.each([
  ["light", 14.5],
  ["dark", 11],
] as const)("in %s, no two states look the same to who lacks a kind of cone", (theme, least) => {
  const tokens = THEMES[theme];
  for (const eyes of ["deuteranopia", "protanopia"] as const)
    for (const [at, one] of LIVELY.entries())
      for (const other of LIVELY.slice(at + 1))
        expect(
          difference(labOf(tokens.get(one)!, eyes), labOf(tokens.get(other)!, eyes)),
          `${one} and ${other}, ${eyes}`,
        ).toBeGreaterThanOrEqual(least);
});

test.each(Object.entries(THEMES))(
  "in %s, what ended well is lighter than what failed or runs, without any hue",
  (_, tokens) => {
    for (const eyes of ["deuteranopia", "protanopia"] as const)
      for (const other of ["failed", "running"]) {
        const [light, dark] = [labOf(tokens.get("succeeded")!, eyes)[0], labOf(tokens.get(other)!, eyes)[0]];
        expect(light - dark, `${other}, ${eyes}`).toBeGreaterThanOrEqual(9);
      }
  },
);

test("differences are those of the published pairs", () => {
  expect(difference([50, 2.6772, -79.7751], [50, 0, -82.7485])).toBeCloseTo(2.0425, 4);
  expect(difference([50, 2.5, 0], [73, 25, -18])).toBeCloseTo(27.1492, 4);
  expect(difference([60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387])).toBeCloseTo(1.2644, 4);
});

test("both ways to the dark theme say the same", () => {
  const system = css.slice(css.indexOf("@media (prefers-color-scheme: dark)"));
  const dark = css.slice(css.indexOf(':root[data-theme="dark"]'));
  const lines = (text: string): string =>
    text.slice(text.indexOf("color-scheme: dark;"), text.indexOf("}")).replaceAll(/\s+/g, " ").trim();
  expect(lines(system)).toBe(lines(dark));
});
