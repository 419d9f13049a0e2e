import { expect, test } from "vitest";
import { build } from "../authoring/build.ts";
import { dag } from "../authoring/dag.ts";
import { task } from "../authoring/task.ts";
import { refuseUnknownPools } from "./known-pools.ts";
import type { LoadedFile } from "./loaded-file.ts";

const fileOf = (name: string, pool: string): LoadedFile => {
  const { manifest } = build(dag(name, {}, () => void task("load", { pool }, () => 1)()));
  const workflow = { name, file: "pipelines/sales.ts", version: { manifest } };
  const file = { file: "pipelines/sales.ts", workflows: [workflow], errors: [] };
  return file as unknown as LoadedFile;
};

test("a workflow whose task wants slots of a pool that is not declared is refused, with the pool it may have meant", () => {
  const { workflows, errors } = refuseUnknownPools(fileOf("sales", "databse"), { database: 2 });

  expect(workflows).toEqual([]);
  expect(errors).toMatchObject([{ code: "POOL_UNKNOWN", file: "pipelines/sales.ts", workflow: "sales" }]);
  expect(errors[0]?.message).toMatch(/Task "load" of workflow "sales" takes slots of pool "databse".*"database"/);
});

test("what is declared is taken, and where it is not known what is, all of it", () => {
  expect(refuseUnknownPools(fileOf("sales", "db"), { db: 2 }).errors).toEqual([]);
  expect(refuseUnknownPools(fileOf("sales", "db"), undefined).workflows).toHaveLength(1);
});
