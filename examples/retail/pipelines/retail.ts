import { type ArtifactRef, daily, dag, maybe, task } from "tutti";
import { sql } from "tutti/sql";
import { z } from "zod";
import { sumBy } from "../sum-by.ts";
import { type Amounts, type OrderLine, total } from "../sales.ts";
import { tell } from "../tell.ts";

const orders = sql("orders"); // by name: tutti.config.ts or TUTTI_CONNECTION_ORDERS says which database it is
const warehouse = sql("warehouse");

const REGIONS = ["Central", "East", "South", "West"] as const;
type Region = (typeof REGIONS)[number] | "all";

/** Trying again cures a locked or unreachable database, never a wrong statement. */
const retries = {
  limit: 3,
  backoff: "exponential",
  delay: "1s",
  maxDelay: "30s",
  on: [{ error: "SQL_FAILED", limit: 0 }],
} as const;

export const extract = task("extract", { retries, timeout: "5m" }, async ({ region }: { region: Region }, ctx) => {
  const regions = region === "all" ? REGIONS : [region];
  const lines = await orders.query<OrderLine>`
    select order_id, region, category, sub_category, product, sales, quantity, profit from orders
    where ordered_on = ${ctx.date} and region = any(${regions})
    order by line_id`;
  if (lines.length === 0) ctx.skip(`no orders on ${ctx.date}`);
  ctx.log.info(`${lines.length} order lines`, { region });
  return { count: lines.length, file: await ctx.artifact(`orders-${ctx.date}.jsonl`).write(lines) };
});

export type DailySales = Pick<OrderLine, "region" | "category"> & Amounts;
export type TopProduct = Pick<OrderLine, "sub_category"> & Amounts & { readonly rank: number };

export const salesByRegion = task(
  "sales_by_region",
  { retries },
  async ({ file }: { file: ArtifactRef }, ctx): Promise<DailySales[]> => sumBy(ctx, file, ["region", "category"]),
);

export const topProducts = task(
  "top_products",
  { retries },
  async ({ file, limit }: { file: ArtifactRef; limit: number }, ctx): Promise<TopProduct[]> => {
    const ranked = (await sumBy(ctx, file, ["sub_category"])).sort(
      (a, b) => b.sales - a.sales || a.sub_category.localeCompare(b.sub_category),
    );
    return ranked.slice(0, limit).map((product, at) => ({ ...product, rank: at + 1 }));
  },
);

export const load = task(
  "load",
  { retries, timeout: "5m" },
  async ({ sales, top, region }: { sales: DailySales[]; top: TopProduct[]; region: Region }, ctx) => {
    await warehouse.execute`
      create table if not exists daily_sales (
        day date, region text, category text, lines integer, sales decimal(18, 4), quantity integer, profit decimal(18, 4))`;
    await warehouse.execute`
      create table if not exists daily_top_products (
        day date, selection text, rank integer, sub_category text, lines integer, sales decimal(18, 4), quantity integer, profit decimal(18, 4))`;
    // The partition is replaced, so a re-run is safe; a run for one region leaves the others alone.
    const day = { day: ctx.date };
    await warehouse.replace("daily_sales", sales, { where: region === "all" ? day : { ...day, region } });
    await warehouse.replace("daily_top_products", top, { where: { ...day, selection: region } });
    return { ...total(sales), best: top[0]?.sub_category ?? null };
  },
);

type Loaded = Amounts & { readonly best: string | null };

/** Tells the BI team, where the configuration says: in Slack, by mail, and in one file a day, which a re-run writes again. */
export const notify = task(
  "notify",
  { retries: 2 },
  async ({ loaded, region }: { loaded: Loaded | undefined; region: Region }, ctx) => {
    const message = announce(ctx.date, loaded);
    ctx.log.info(message);
    await tell(ctx, message, { day: ctx.date, region, ...loaded });
    return message;
  },
);

export const announce = (day: string, loaded: Loaded | undefined): string =>
  loaded === undefined
    ? `${day}: no orders`
    : `${day}: ${loaded.lines} order lines, ${loaded.quantity} pieces, sales ${loaded.sales.toLocaleString("en-US", { style: "currency", currency: "USD" })}; best: ${loaded.best}`;

const params = z.object({
  region: z
    .enum(["all", ...REGIONS])
    .default("all")
    .describe("Only this region's orders"),
  top: z.number().int().min(1).max(17).default(5).describe("How many sub-categories the ranking holds"),
});

export default dag(
  "retail",
  {
    description: "A day of Superstore orders: sales by region and category, and the best sellers, into the warehouse.",
    schedule: daily({ at: "06:00", timezone: "America/New_York" }),
    start: "2014-01-03",
    params,
    tags: ["example", "sales"],
  },
  ({ params: { region, top } }) => {
    const { file } = extract({ region });
    const sales = salesByRegion({ file }); // these two run at the same time
    const best = topProducts({ file, limit: top });
    const loaded = load({ sales, top: best, region });
    // Also on a day without orders, when `load` was skipped; not when something failed.
    notify({ loaded: maybe(loaded), region })
      .after(loaded)
      .when("none_failed");
  },
);
