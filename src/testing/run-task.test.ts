import { task, type Context } from "tutti";
import { expect, test } from "vitest";
import { connection } from "../authoring/connection.ts";
import { fakeContext } from "./fake-context.ts";
import { runTask } from "./run-task.ts";

const orders = connection("orders");

const extract = task("extract", { connections: ["orders"] }, async ({ region }: { region: string }, ctx) => {
  ctx.log.info("extracting", { region });
  console.warn("slow");
  if (region === "none") ctx.skip("no sales");
  const file = await ctx.artifact("rows.jsonl").write([{ region }]);
  return {
    day: ctx.date,
    at: ctx.interval.start,
    params: ctx.params,
    from: orders.resolve(),
    file,
    tags: new Set([region]),
  };
});

test("a task runs with its context, its connections and its prints captured", async () => {
  const { output, logs, artifacts } = await runTask(
    extract,
    { region: "emea" },
    { date: "2025-08-12", params: { min: 1 }, connections: { orders: "fake orders" } },
  );
  expect(output).toMatchObject({
    day: "2025-08-12",
    at: new Date("2025-08-12T00:00:00Z"),
    params: { min: 1 },
    from: "fake orders",
    tags: new Set(["emea"]),
  });
  expect(logs.map(({ level, message }) => [level, message])).toEqual([
    ["info", "extracting"],
    ["warn", "slow"],
  ]);
  expect([...(await collect(output.file.rows()))]).toEqual([{ region: "emea" }]);
  expect(new TextDecoder().decode(await artifacts["rows.jsonl"]!.bytes())).toBe('{"region":"emea"}\n');
});

test("skipping is a result, an error is thrown", async () => {
  expect(await runTask(extract, { region: "none" })).toMatchObject({ skipped: "no sales" });
  await expect(runTask(extract, { region: "emea" })).rejects.toMatchObject({ code: "CONNECTION_NOT_CONFIGURED" });
});

test("an output that could not cross to another task is refused", async () => {
  await expect(runTask(task("bad", () => ({ f: () => {} })))).rejects.toMatchObject({ code: "VALUE_NOT_SERIALIZABLE" });
});

test("drawers start with what the test says, and keep what the task sets", async () => {
  const counts = task("counts", async (_: void, ctx: Context) => ctx.state.update<number>("n", (n) => (n ?? 0) + 1));
  expect((await runTask(counts, undefined, { state: { n: 41 } })).output).toBe(42);
});

test("two tasks at once keep their prints apart", async () => {
  const prints = task("prints", async ({ name }: { name: string }) => {
    console.log(`${name} 1`);
    await new Promise((resolve) => setTimeout(resolve, 5));
    console.log(`${name} 2`);
  });
  const results = await Promise.all(["a", "b"].map((name) => runTask(prints, { name })));
  expect(results.map(({ logs }) => logs.map(({ message }) => message))).toEqual([
    ["a 1", "a 2"],
    ["b 1", "b 2"],
  ]);
});

test("a fake context takes what the test sets, and can be taken apart", () => {
  const { signal } = new AbortController();
  const ctx = fakeContext({ date: "2025-08-12", attempt: 2, task: "extract", signal });
  const { log } = ctx;
  log.error("said", { n: 1 });
  expect([ctx.date, ctx.attempt, ctx.task, ctx.signal, ctx.mapIndex]).toEqual([
    "2025-08-12",
    2,
    "extract",
    signal,
    null,
  ]);
  expect(ctx.logs).toEqual([{ level: "error", source: "log", message: "said", fields: { n: 1 } }]);
  expect(() => ctx.skip("enough")).toThrow("enough");
});

async function collect(rows: AsyncIterable<unknown>): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const row of rows) found.push(row);
  return found;
}

test("a task is told which partition its run makes", async () => {
  const whole = task("whole", (_: void, ctx) => ctx.partition);
  expect((await runTask(whole)).output).toBeNull();
  expect((await runTask(whole, undefined, { partition: "emea" })).output).toEqual({ key: "emea", dimensions: {} });
  const dimensions = { region: "emea", day: "2025-01-02" };
  const { output } = await runTask(whole, undefined, { partition: dimensions });
  expect(output).toEqual({ key: "2025-01-02|emea", dimensions });
  expect(fakeContext({ partition: "emea" }).partition?.key).toBe("emea");
});
