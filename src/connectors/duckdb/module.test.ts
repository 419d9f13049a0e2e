import { expect, it } from "vitest";
import { loadDuckDb } from "./module.ts";

const missing = (specifier: string) =>
  Promise.reject(Object.assign(new Error(`Cannot find package '${specifier}'`), { code: "ERR_MODULE_NOT_FOUND" }));

it("says what to install when DuckDB is not there", async () => {
  await expect(loadDuckDb(missing, "/")).rejects.toMatchObject({
    code: "DRIVER_MISSING",
    message:
      'DuckDB needs the package "@duckdb/node-api", which is not installed. Install it: npm install @duckdb/node-api',
  });
});

it("takes DuckDB from the project's folder where it is not beside this package", async () => {
  const found = { DuckDBInstance: {} };
  const load = (specifier: string) => (specifier.startsWith("file:") ? Promise.resolve(found) : missing(specifier));
  expect(await loadDuckDb(load)).toBe(found);
});

it("keeps the message of a DuckDB that is there and does not start", async () => {
  await expect(loadDuckDb(() => Promise.reject(new Error("GLIBC_2.28 not found")))).rejects.toThrow(
    "GLIBC_2.28 not found",
  );
});
