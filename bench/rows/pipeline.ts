import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { dag, task } from "tutti";
import { duckdb } from "tutti/duckdb";
import { postgres } from "tutti/postgres";

const orders = postgres("orders");
const warehouse = duckdb("warehouse");
const params = { "~standard": { version: 1, vendor: "bench", validate: (value: unknown) => ({ value }) } } as const;
const limitOf = (ctx: { readonly params: unknown }): number => (ctx.params as { rows: number }).rows;

/** Every row becomes an object on its way. */
const byRows = task("by_rows", async (_: void, ctx) => {
  const file = `${ctx.runInfo.id}.parquet`;
  await warehouse.writeParquet(file, orders.rows`select * from sales where id <= ${limitOf(ctx)}`);
  return file;
});

/** Bytes as the server writes them. */
const byCopy = task("by_copy", async (_: void, ctx) => {
  const [csv, file] = [`${ctx.runInfo.id}.csv`, `${ctx.runInfo.id}.parquet`];
  const bytes = orders.copyOut("csv")`select * from sales where id <= ${limitOf(ctx)}`;
  await pipeline(bytes, createWriteStream(csv));
  await warehouse.execute`copy (select * from read_csv(${csv})) to ${file} (format parquet)`;
  return file;
});

const load = task("load", async ({ file }: { file: string }) => {
  await warehouse.execute`create or replace table sales as select * from read_parquet(${file})`;
  const [counted] = await warehouse.query<{ rows: number; cents: number }>`
    select count(*) as rows, sum(cast(amount * 100 as bigint)) as cents from sales`;
  return counted;
});

export const rows = dag("rows", { params }, () => void load({ file: byRows() }));
export const copy = dag("copy", { params }, () => void load({ file: byCopy() }));
