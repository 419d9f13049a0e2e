import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Migration, parseMigration, pendingMigrations } from "./migrate.ts";
import { compareReleases, RELEASE } from "./release.ts";

const step = (number: number, compatibleFrom = "0.1.0"): Migration => ({
  number,
  name: `step_${number}`,
  compatibleFrom,
  sql: "",
});

test("the release is the package's", () => {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    version: string;
  };

  expect(RELEASE).toBe(version);
});

test("releases compare by number, and a pre-release as its release", () => {
  expect(["0.10.0", "0.9.2", "1.0.0", "0.9.10"].toSorted(compareReleases)).toEqual([
    "0.9.2",
    "0.9.10",
    "0.10.0",
    "1.0.0",
  ]);
  expect(compareReleases("1.2.3-beta.1", "1.2.3")).toBe(0);
});

test("a migration says its number, its name and what can work beside it", () => {
  expect(parseMigration("0007_add_pools.sql", "-- why: x\n-- compatible_from: 0.3.1\nselect 1")).toMatchObject({
    number: 7,
    name: "add_pools",
    compatibleFrom: "0.3.1",
  });
  expect(() => parseMigration("0007_add_pools.sql", "select 1")).toThrow("0007_add_pools.sql");
});

test("what a store lacks comes in order of the numbers", () => {
  const applied = [{ number: 1, compatibleFrom: "0.1.0" }];

  expect(
    pendingMigrations([step(3), step(1), step(2)], applied, "s", "0.1.0").map((migration) => migration.number),
  ).toEqual([2, 3]);
});

test("a store from a newer release is refused only when it asks for a newer release", () => {
  const newer = (compatibleFrom: string) => [
    { number: 1, compatibleFrom: "0.1.0" },
    { number: 2, compatibleFrom },
  ];

  expect(pendingMigrations([step(1)], newer("0.4.0"), "s", "0.4.0")).toEqual([]);
  expect(() => pendingMigrations([step(1)], newer("0.5.0"), "s.db", "0.4.9")).toThrow(
    expect.objectContaining({
      code: "STORE_TOO_NEW",
      message:
        'Store "s.db" was made by a newer release: it needs tutti 0.5.0 or later, this is 0.4.9. Update tutti, or use another store.',
    }),
  );
});
