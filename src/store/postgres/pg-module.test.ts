import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { pgModule } from "./pg-module.ts";

const missing = (specifier: string) =>
  Promise.reject(Object.assign(new Error(`Cannot find package '${specifier}'`), { code: "ERR_MODULE_NOT_FOUND" }));

test("a missing driver is named with what to install", async () => {
  await expect(pgModule(missing, tmpdir())).rejects.toMatchObject({
    code: "DRIVER_MISSING",
    message: expect.stringContaining("npm install pg"),
  });
});

test("a driver that is there and broken keeps its own message", async () => {
  const broken = () => Promise.reject(new Error("Cannot find package 'pg-types'"));
  await expect(pgModule(broken, tmpdir())).rejects.toThrow("pg-types");
});
