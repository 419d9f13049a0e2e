import { expect, it } from "vitest";
import { OptionalPackage } from "./optional-package.ts";

const PACKAGE = "@duckdb/node-api";
const missing = (specifier: string) =>
  Promise.reject(Object.assign(new Error(`Cannot find package '${specifier}'`), { code: "ERR_MODULE_NOT_FOUND" }));
const duckDb = (load: (specifier: string) => Promise<unknown>, folder?: string) =>
  new OptionalPackage({ what: "DuckDB", name: PACKAGE, load, ...(folder === undefined ? {} : { folder }) });

it("says what to install when the driver is not there", async () => {
  await expect(duckDb(missing, "/").get()).rejects.toMatchObject({
    code: "DRIVER_MISSING",
    message:
      'DuckDB needs the package "@duckdb/node-api", which is not installed. Install it: npm install @duckdb/node-api',
  });
});

it("names all that is to be installed, where one package needs another", async () => {
  const several = new OptionalPackage({
    what: "PostgreSQL",
    name: "pg",
    install: "pg pg-cursor",
    load: missing,
    folder: "/",
  });
  await expect(several.get()).rejects.toThrow("npm install pg pg-cursor");
});

it("takes the driver from the project's folder where it is not beside this package", async () => {
  const found = { DuckDBInstance: {} };
  const load = (specifier: string) => (specifier.startsWith("file:") ? Promise.resolve(found) : missing(specifier));
  expect(await duckDb(load).get()).toBe(found);
});

it("looks again after it was missing, and loads once when it is there", async () => {
  let [calls, installed] = [0, false];
  const driver = duckDb((specifier) => (++calls, installed ? Promise.resolve({}) : missing(specifier)), "/");
  await expect(driver.get()).rejects.toMatchObject({ code: "DRIVER_MISSING" });
  installed = true;
  const first = await driver.get();
  calls = 0;
  expect(await driver.get()).toBe(first);
  expect(calls).toBe(0);
});

it("keeps the message of a driver that is there and does not start", async () => {
  await expect(duckDb(() => Promise.reject(new Error("GLIBC_2.28 not found"))).get()).rejects.toThrow(
    "GLIBC_2.28 not found",
  );
});
