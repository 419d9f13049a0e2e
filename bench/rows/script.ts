import { DuckDBInstance } from "@duckdb/node-api";
import { Client } from "pg";

/** What somebody writes first: read the rows, insert one after the other. `node bench/rows/script.ts <postgres url> <duckdb file> <rows>` */
const [, , url = "", file = "", rows = "0"] = process.argv;
const client = new Client(url);
await client.connect();
const instance = await DuckDBInstance.create(file);
const warehouse = await instance.connect();
await warehouse.run(
  "create table sales (id bigint, region varchar, category varchar, amount decimal(10, 2), sold_on date, sold_at timestamptz)",
);
const startedAt = performance.now();
const { rows: sales } = await client.query<Record<string, unknown>>(
  "select id::text, region, category, amount::text, sold_on::text, sold_at::text from sales where id <= $1",
  [rows],
);
const insert = await warehouse.prepare("insert into sales values ($1, $2, $3, $4, $5, $6)");
for (const sale of sales) {
  Object.values(sale).forEach((value, at) => insert.bindVarchar(at + 1, String(value)));
  await insert.run();
}
console.log(JSON.stringify({ seconds: (performance.now() - startedAt) / 1000 }));
await client.end();
warehouse.closeSync();
