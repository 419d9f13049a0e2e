/** What the public types must refuse: an expectation without an error below it fails the type check. */
import { z } from "zod";
import {
  branch,
  dag,
  firstOf,
  flow,
  group,
  maybe,
  pick,
  resource,
  sensor,
  settled,
  task,
  zip,
} from "../../src/index.ts";

const source = task("source", async () => ({
  sales: [{ quantity: 1 }],
  day: "2025-08-12",
  count: 1,
  bySku: new Map<string, number>(),
}));
const load = task(
  "load",
  async ({ sales, day }: { sales: { quantity: number }[]; day: string }) => sales.length + day.length,
);
const score = task(
  "score",
  async ({ sale, mode }: { sale: { quantity: number }; mode: string }) => sale.quantity + mode.length,
);
const pairUp = task("pair_up", async ({ pair }: { pair: [number, string] }) => pair[0]);

export const refused = dag("refused", { params: z.object({ region: z.string() }) }, ({ params }) => {
  const node = source();
  // @ts-expect-error a field of the wrong type
  load({ sales: node.day, day: node.day });
  // @ts-expect-error an input is missing
  load({ sales: node.sales });
  // @ts-expect-error an input that the task does not take
  load({ sales: node.sales, day: node.day, other: 1 });
  // @ts-expect-error a task without an input gets one
  source({ day: "x" });
  // @ts-expect-error mapping over what is no list
  score.map({ sale: node.day }, { mode: "x" });
  // @ts-expect-error a shared input is missing
  score.map({ sale: node.sales });
  // @ts-expect-error mapping over nothing
  score.map({}, { sale: { quantity: 1 }, mode: "x" });
  // @ts-expect-error a zipped list of the wrong type
  score.map(zip({ sale: [1], mode: ["x"] }));
  // @ts-expect-error a tuple in the wrong order
  pairUp({ pair: ["a", 1] });
  // @ts-expect-error a tuple too short
  pairUp({ pair: [1] });
  // @ts-expect-error an unknown param
  load({ sales: node.sales, day: params.nope });
  // @ts-expect-error a Map has no ref properties
  pairUp({ pair: [node.bySku.size, "x"] });
  // @ts-expect-error a list has no ref properties
  pairUp({ pair: [node.sales.length, "x"] });
  // @ts-expect-error the first of nothing
  firstOf();
  // @ts-expect-error only a mapped task has settled elements
  settled(node);
  // @ts-expect-error a value is no ref
  maybe(1);
  // @ts-expect-error a pick of what is not there
  pick(node, (value) => value.nope);
  // @ts-expect-error a ref is not its value
  const text: string = node.day;
  // @ts-expect-error a ref is no number
  const doubled = node.count * 2;
  // @ts-expect-error an unknown trigger rule
  source().when("all_succeeded");

  const size = branch("size", async () => (Math.random() > 0.5 ? "bulk" : "trickle"));
  // @ts-expect-error a branch without a case
  size().to({ bulk: source() });
  // @ts-expect-error a case that the branch never returns
  size().to({ bulk: source(), trickle: source(), other: source() });
  // @ts-expect-error a branch has no value
  load({ sales: node.sales, day: size() });

  // @ts-expect-error what a group would place after an await would be lost
  group("async", async () => source());
  const perSale = group.each("per_sale", node.sales, (sale) => load({ sales: [sale], day: "x" }));
  // @ts-expect-error outside the group its values are lists
  pairUp({ pair: [perSale.out, "x"] });
  return [text, doubled];
});

// @ts-expect-error tasks placed after an await would be lost
dag("async", {}, async () => {
  source();
});
// @ts-expect-error options that no work has brought yet
dag("later", { backfill: false }, () => source());
// @ts-expect-error no such rule
dag("over", { maxActiveRuns: 1, overlap: "drop" }, () => source());
// @ts-expect-error an unknown preset
dag("often", { schedule: "@minutely" }, () => source());
// @ts-expect-error a branch must return literals
branch("loose", (): string => "x");
// @ts-expect-error a pool is named by a text
task("pooled", { pool: 4 }, () => 1);
// @ts-expect-error no such rule
task("counted", { concurrency: { limit: 1, onLimit: "drop" } }, () => 1);
// @ts-expect-error a rate needs its time
task("paced", { rateLimit: { limit: 10 } }, () => 1);
// @ts-expect-error retries without a limit
task("endless", { retries: { backoff: "fixed" } }, () => 1);
// @ts-expect-error a group has no timeout
group("slow", { timeout: "1m" }, () => source());

const landed = sensor("landed", { every: "30s" }, ({ key }: { key: string }) => (key === "" ? undefined : 1));
export const waits = dag("waits", {}, () => {
  // @ts-expect-error a sensor's input is missing
  landed();
  // @ts-expect-error what it waits for is never absent in its output
  const text: { day: string } = landed({ key: "a" });
  // @ts-expect-error a sensor has no timeout of one attempt: `checkTimeout` is that
  task("odd", { checkTimeout: "1m" }, () => text);
});
// @ts-expect-error a check has nothing to go on from
sensor("steps", (_: void, ctx) => ctx.step("a", () => 1));
// @ts-expect-error a step needs something to do
task("idle", (_: void, ctx) => ctx.step("a"));
// @ts-expect-error a key is a text
task("keyed", (_: void, ctx) => ctx.step("a", () => 1, { key: 1 }));
// @ts-expect-error a step's value has its type
export const wrong = task("wrong", async (_: void, ctx): Promise<string> => ctx.step("a", () => 1));
export const flows = [
  flow("runs", { params: z.object({ pages: z.number() }) }, async ({ pages }, ctx) => {
    // @ts-expect-error a flow's params have their types
    const page: string = pages;
    // @ts-expect-error an input is missing
    await ctx.run(score, { sale: { quantity: 1 } });
    // @ts-expect-error an input of the wrong type
    await ctx.run(score, { sale: { quantity: "1" }, mode: "x" });
    // @ts-expect-error no input at all
    await ctx.run(score);
    // @ts-expect-error what it gives has its type
    const text: string = await ctx.run(score, { sale: { quantity: 1 }, mode: "x" });
    // @ts-expect-error a function is no task
    await ctx.run(() => 1);
    return page + text;
  }),
  // @ts-expect-error a flow's body is asynchronous
  flow("sync", {}, () => 1),
  // @ts-expect-error no such option
  flow("pooled", { mapLimit: 1 }, async () => 1),
];

const scratch = resource("scratch", {
  setup: ({ region }: { region: string }) => ({ schema: region }),
  // @ts-expect-error it may not have been made
  teardown: (made) => made.schema,
});
export const scratched = dag("scratched", {}, () => {
  // @ts-expect-error its input is missing
  scratch();
  // @ts-expect-error its value has its type
  pairUp({ pair: scratch({ region: "eu" }).schema });
});
// @ts-expect-error nothing takes it down
resource("half", { setup: () => 1 });
// @ts-expect-error it is not mapped over
scratch.map({ region: ["eu"] });
// @ts-expect-error no such option
resource("wide", { setup: () => 1, teardown: () => {}, mapLimit: 1 });
flow("sets_up", {}, async (_, ctx) => {
  // @ts-expect-error a flow runs tasks
  await ctx.run(scratch, { region: "eu" });
});
