import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { tempProject } from "../../../test/support/temp-project.ts";
import { locate } from "./location.ts";

it("sees a relative path from the given folder and makes the folders on the way", () => {
  const { dir } = tempProject();
  expect(locate("orders", "duckdb:./data/orders.db", dir)).toMatchObject({
    path: join(dir, "data", "orders.db"),
    memory: false,
    settings: {},
    lockTimeoutMs: 30_000,
  });
});

it("takes absolute paths in both spellings", () => {
  const { dir } = tempProject();
  for (const url of [`duckdb:${dir}/a.db`, `duckdb://${dir}/a.db`])
    expect(locate("orders", url).path).toBe(join(dir, "a.db"));
});

it("reads its own setting and hands the others to DuckDB", () => {
  const { dir } = tempProject();
  expect(locate("orders", "duckdb:a.db?access_mode=read_only&lock_timeout=2m", dir)).toMatchObject({
    settings: { access_mode: "read_only" },
    lockTimeoutMs: 120_000,
  });
});

it("knows one file by two paths", () => {
  const project = tempProject({ "a.db": "" });
  symlinkSync(project.path("a.db"), project.path("b.db"));
  expect(locate("orders", "duckdb:b.db", project.dir).key).toBe(locate("other", "duckdb:./a.db", project.dir).key);
});

it("gives each connection its own database in memory, unless the URL names one", () => {
  expect(locate("a", "duckdb::memory:").key).not.toBe(locate("b", "duckdb::memory:").key);
  expect(locate("a", "duckdb::memory:shared").key).toBe(locate("b", "duckdb::memory:shared").key);
});
