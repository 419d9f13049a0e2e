import { afterEach, beforeEach, expect, it } from "vitest";
import { declaredConnections, setConnectionResolver, startDeclarations } from "../../authoring/connection.ts";
import { duckdb } from "../duckdb/index.ts";
import { sql } from "./sql.ts";

let given: Record<string, unknown> = {};
let before: ReturnType<typeof setConnectionResolver>;
beforeEach(() => {
  given = {};
  before = setConnectionResolver((name) => given[name]);
});
afterEach(() => void setConnectionResolver(before));

it("declares its connection when it is made", () => {
  startDeclarations();
  sql("orders");
  duckdb("lake");
  expect(declaredConnections()).toEqual(["lake", "orders"]);
});

it("calls a test's fake as the task called the handle", async () => {
  const calls: unknown[] = [];
  given["orders"] = {
    query: async (text: TemplateStringsArray, ...values: unknown[]) => (
      calls.push([text.join("?"), values]),
      [{ n: 1 }]
    ),
    rows: () => [{ n: 1 }, { n: 2 }],
    replace: async (...args: unknown[]) => (calls.push(args), { deleted: 0, inserted: 1 }),
  };
  const orders = sql("orders").with({ signal: new AbortController().signal });
  expect(await orders.query`select ${7} as n`).toEqual([{ n: 1 }]);
  const seen: unknown[] = [];
  for await (const row of orders.rows`select 1`) seen.push(row);
  expect(seen).toEqual([{ n: 1 }, { n: 2 }]);
  await orders.replace("t", [{ a: 1 }], { where: { day: "2025-08-12" } });
  expect(calls).toEqual([
    ["select ? as n", [7]],
    ["t", [{ a: 1 }], { where: { day: "2025-08-12" } }],
  ]);
});

it("says which method a fake lacks", async () => {
  given["orders"] = { query: async () => [] };
  await expect(sql("orders").execute`delete from t`).rejects.toMatchObject({
    code: "FAKE_INCOMPLETE",
    message: expect.stringContaining('has no method "execute"'),
  });
});

it("says what is available for a scheme that has no driver", async () => {
  given["orders"] = "oracle://user:secret@host/db";
  const failed = expect(sql("orders").query`select 1`).rejects;
  await failed.toMatchObject({
    code: "CONNECTION_NOT_AVAILABLE",
    message: expect.stringContaining('"oracle:" is not known. Available: duckdb:, postgres:'),
  });
});

it.each([
  ["mysql://secret@host", "CONNECTION_NOT_AVAILABLE"],
  ["/just/a/secret", "CONNECTION_URL_REFUSED"],
  ["duckdb:", "CONNECTION_URL_REFUSED"],
  [undefined, "CONNECTION_UNKNOWN"],
])("refuses %j with %s, without showing the URL", async (url, code) => {
  given["orders"] = url;
  const error = await sql("orders").query`select 1`.catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code });
  expect(String(error)).not.toContain("secret");
});

it("a duckdb handle refuses another database's URL", async () => {
  given["lake"] = "postgres://host/db";
  await expect(duckdb("lake").query`select 1`).rejects.toMatchObject({
    code: "CONNECTION_NOT_AVAILABLE",
    message: expect.stringContaining('declare it with sql("lake")'),
  });
});

it("does nothing once its signal has aborted", async () => {
  given["orders"] = "duckdb::memory:";
  await expect(
    sql("orders").with({ signal: AbortSignal.abort(new Error("cancelled")) }).query`select 1`,
  ).rejects.toThrow("cancelled");
});
