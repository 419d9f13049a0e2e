import { asset, type AssetUpdate, check, dag, onAsset, task } from "tutti";

const orders = asset("shop://orders", { owner: "shop" });
const customers = asset("crm://customers", { freshness: { within: "2h" } });
const sales = asset("warehouse://sales/daily", {
  description: "Sales by region and category, one part a day.",
  owner: "data-retail",
  freshness: { within: "26h" },
});
const revenue = asset("finance://revenue", { freshness: { within: "1s" } });
const board = asset("bi://sales-board", { freshness: { within: "48h" } });

check(sales, { name: "has rows", blocking: true }, ({ value }: AssetUpdate<number>) => value > 0);
check(sales, { name: "not too many" }, ({ metadata }) => ({
  status: Number(metadata?.["rows"]) < 100 ? "pass" : "fail",
  message: `${String(metadata?.["rows"])} rows`,
}));

const intake = task("intake", { produces: orders }, () => 4);
const sync = task("sync", { produces: customers }, () => 9);
const load = task("load", { produces: sales, consumes: [orders, customers] }, (_: { rows: number }, ctx) => {
  const rows = 80 + Number(ctx.date.slice(-2)) * 3;
  ctx.materialized(sales, { rows, amount: rows * 12.5 }, { partition: ctx.date });
  return rows;
});
const close = task("close", { produces: revenue, consumes: sales, pool: "ledger" }, () => 1);
const publish = task("publish", { produces: board, consumes: sales }, () => 1);

/** Sales from orders and customers, and what is made from them. */
export const warehouse = dag("warehouse", {}, () => {
  sync();
  load({ rows: intake() });
});
export const books = dag("books", { schedule: onAsset(sales) }, () => {
  close();
  publish();
});
