/** What the public types must accept. It compiles, or the type check fails; `accepted.test.ts` builds its graph. */
import { z } from "zod";
import {
  branch,
  chain,
  cron,
  daily,
  dag,
  every,
  firstOf,
  flow,
  group,
  maybe,
  pick,
  resource,
  settled,
  sensor,
  task,
  zip,
} from "../../src/index.ts";

export interface Sale {
  sku: string;
  quantity: number;
  soldAt: Date;
  note?: string;
  labels: string[];
  discount: { percent: number } | null;
}

export const extract = task(
  "extract",
  {
    retries: {
      limit: 3,
      backoff: "exponential",
      delay: "10s",
      on: [
        { error: TypeError, limit: 0 },
        { error: "BUSY", delay: "5m" },
        { error: (error) => error.message === "late" },
      ],
    },
  },
  async ({ region }: { region: string }, ctx) => ({
    region,
    sales: [] as Sale[],
    day: ctx.date,
    at: new Date(),
    meta: { pages: 1 },
    either: 1 as string | number,
    bySku: new Map<string, number>(),
    best: null as Sale | null,
    complete: true,
  }),
);
export const hello = task("hello", () => console.log("hello"));
export const optional = task("optional", async ({ a = 1 }: { a?: number }) => a);
export const clean = task("clean", async ({ sales, min }: { sales: Sale[]; min: number }) =>
  sales.filter((sale) => sale.quantity > min),
);
export const load = task("load", async ({ sales }: { sales: Sale[]; day: string }) => sales.length);
export const score = task("score", async ({ sale }: { sale: Sale; mode: string }) => sale.quantity);
export const scoreBy = task(
  "score_by",
  async ({ sale, mode = "plain" }: { sale: Sale; mode?: string }) => sale.quantity + mode.length,
);
export const cell = task("cell", async ({ region, year }: { region: string; year: number }) => region + year);
export const sum = task("sum", async ({ values }: { values: readonly number[] }) => values.reduce((a, b) => a + b, 0));
export const pairUp = task("pair_up", async ({ pair }: { pair: [number, string] }) => pair[0]);
export const report = task("report", async ({ count }: { count: number | undefined }) => count ?? 0);
export const either = task("either", async ({ value }: { value: string | number }) => value);
export const anything = task("anything", async (input: any) => input);
export const deep = task(
  "deep",
  async ({ config }: { config: { from: Date; n: number; list: number[]; bySku: Map<string, number> } }) => config.n,
);
export const triage = task("triage", async ({ all }: { all: readonly { state: string }[] }) => all.length);
export const size = branch("size", async ({ sales }: { sales: Sale[] }) => (sales.length > 10 ? "bulk" : "trickle"));
export const gate = branch("gate", () => null as "go" | "stop" | null);

export default dag(
  "retail",
  {
    schedule: "@daily",
    start: "2025-08-12",
    catchup: true,
    maxActiveRuns: 2,
    overlap: "cancel_running",
    description: "Everything that must be accepted.",
    tags: ["types"],
    params: z.object({ region: z.string().default("emea"), min: z.number(), dry: z.boolean().optional() }),
  },
  ({ params }) => {
    const extracted = extract({ region: params.region });
    const cleaned = clean({ sales: extracted.sales, min: params.min });
    const loaded = load({ sales: cleaned, day: extracted.day });

    const scores = score.map({ sale: extracted.sales }, { mode: "x" });
    scoreBy.map({ sale: cleaned });
    scoreBy.map({ sale: cleaned }, { mode: "y" });
    cell.map({ region: ["emea", "apac"], year: [2024, 2025] });
    cell.map(zip({ region: ["emea", "apac"], year: [2024, 2025] }));
    cell.map({ region: ["emea"] }, { year: loaded });
    cell.map({ region: [params.region, "apac"] }, { year: 2025 });
    sum({ values: scores });
    sum({ values: [1, loaded, extracted.meta.pages] });
    triage({ all: settled(scores) });

    pairUp({ pair: [loaded, "a"] });
    either({ value: extracted.either });
    either({ value: loaded });
    anything({ x: loaded });
    optional();
    optional({ a: loaded });
    deep({ config: { from: extracted.at, n: 3, list: [loaded], bySku: extracted.bySku } });
    deep({ config: { from: new Date(0), n: loaded, list: [], bySku: new Map() } });

    report({ count: maybe(loaded) });
    report({ count: loaded });
    sum({ values: [pick(extracted.best, (best) => best?.discount?.percent ?? 0)] });

    const bulk = load.as("bulk")({ sales: cleaned, day: "2025-08-12" });
    const trickle = load.as("trickle")({ sales: cleaned, day: "2025-08-12" });
    size({ sales: cleaned }).to({ bulk, trickle: [trickle] });
    report({ count: firstOf(bulk, trickle) });
    gate().when("none_failed").to({ go: hello(), stop: [] });

    const staged = group("stage", { retries: 2 }, () => optional({ a: sum({ values: [1] }) }));
    report({ count: staged.out });
    const mixed = either({ value: firstOf(loaded, extracted.day) });
    group.each("retried", { retries: 1 }, extracted.sales, (sale) => score({ sale, mode: "t" }));
    const perSale = group.each("per_sale", extracted.sales, (sale) => {
      const scored = score({ sale, mode: sale.sku });
      return { scored, reported: report({ count: scored }), days: extract({ region: sale.sku }).day };
    });
    sum({ values: perSale.out.scored });
    triage({ all: settled(perSale.out.reported) });
    anything({ days: perSale.out.days });

    hello().after(staged, perSale, mixed, [loaded, scores]).when("all_done").as("last");
    chain(
      extracted,
      [cleaned, scores],
      hello.with({
        timeout: "5m",
        isolation: "process",
        onWorkerLost: "fail",
        allowFailure: true,
        dependsOnPast: true,
        cacheFor: "1d",
        mapLimit: 10,
        queue: "gpu",
        connections: ["orders"],
      })(),
    );
  },
);

export const bare = dag("bare", {}, () => {
  hello();
});

export const scheduled = dag(
  "scheduled",
  {
    schedule: [
      daily({ at: "06:00", timezone: "Europe/London" }),
      cron("*/15 9-17 * * MON-FRI", { name: "trading" }),
      every("90m", { anchor: new Date(0) }),
    ],
    start: new Date(0),
    end: "2030-01-01",
  },
  () => hello(),
);

const landed = sensor("landed", { every: "30s", timeout: "6h", retries: 2 }, async ({ key }: { key: string }) =>
  key === "" ? undefined : { key, bytes: 1 },
);
const open = sensor("open", () => (Date.now() > 0 ? true : undefined));
const stepping = task("stepping", async ({ bytes }: { bytes: number }, ctx) => {
  const at: Date = ctx.now();
  const charge = await ctx.step("charge", () => ({ id: `${bytes}`, at }));
  const kept: string = await ctx.step("keep", async () => charge.id, { key: charge.id });
  await ctx.sleep("2h");
  await ctx.sleep(10);
  return kept.length + ctx.random();
});
const sized = task("sized", ({ all }: { all: readonly { bytes: number }[] }) => all.length);

export const waiting = dag("waiting", {}, () => {
  const file = landed({ key: "sales.csv" });
  stepping({ bytes: file.bytes }).after(open());
  sized({
    all: landed
      .with({ onTimeout: "skip" })
      .as("each")
      .map({ key: ["a", "b"] }),
  });
});

export const crawl = flow(
  "crawl",
  { params: z.object({ pages: z.number() }), retries: 2, timeout: "1h", schedule: "@daily" },
  async ({ pages }, ctx) => {
    let total: number = await ctx.run(optional);
    for (let page = 0; page < pages; page++) total += await ctx.run(optional, { a: page });
    const all: number[] = await Promise.all([1, 2].map((n) => ctx.run(optional, { a: n })));
    const file = await ctx.run(landed, { key: "a" });
    await ctx.run(hello);
    await ctx.sleep("1s");
    return total + all.length + file.bytes + (await ctx.step("x", async () => 3));
  },
);

const scratch = resource("scratch", {
  setup: async ({ region }: { region: string }, ctx) => ({ schema: `s_${region}_${ctx.runInfo.id}`, tables: ["a"] }),
  teardown: async (made, ctx) => {
    const schema: string | undefined = made?.schema;
    ctx.log.info(schema ?? "nothing");
  },
  retries: 2,
  timeout: "10m",
});
const lock = resource("lock", { setup: () => {}, teardown: () => {} });
const stow = task("stow", async ({ schema, tables }: { schema: string; tables: readonly string[] }) => {
  return `${schema}.${tables.length}`;
});
const list = task("list", ({ tables }: { tables: readonly string[] }) => [...tables]);
const table = task("table", ({ name }: { name: string }) => name.length);

export const scratched = dag("scratched", { params: z.object({ region: z.string() }) }, ({ params }) => {
  const made = scratch({ region: params.region });
  const { schema } = scratch.with({ pool: "db" }).as("other")({ region: "eu" });
  stow({ schema, tables: made.tables }).after(lock());
  table.map({ name: list({ tables: made.tables }) });
});
