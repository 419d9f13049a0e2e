import { afterAll, beforeAll, expect, test } from "vitest";
import { postgresProject } from "../../support/postgres-project.ts";
import { PostgresServer } from "../../support/postgres-server.ts";

const PIPELINE = `
import { asset, dag, onAsset, onEvent, onRun, task } from "tutti";
import { postgres } from "tutti/postgres";
const shop = postgres("shop");
const sales = asset("sales");
const load = task("load", { produces: sales }, (_: void, ctx) => ctx.emit("loaded", { by: ctx.event?.key }));
const waits = task("waits", async (_: void, ctx) => (await ctx.waitForEvent("done"))?.payload);
const told = task("told", () => 1);
export const orders = dag("orders", { schedule: onEvent("order") }, () => void load());
export const loaded = dag("loaded", { schedule: onEvent("loaded", { match: (event) => event.payload.by !== null }) }, () => void told());
export const report = dag("report", { schedule: onAsset(sales) }, () => void told());
export const after = dag("after", { schedule: onRun("orders") }, () => void told());
export const waiting = dag("waiting", {}, () => void waits());
export const rows = dag("rows", { schedule: shop.onNotify("rows", { every: "20s" }, async (cursor: number | null) => {
  const found = await shop.query<{ id: number }>\`select id from rows where id > \${cursor ?? 0} order by id\`;
  return found.length === 0 ? undefined : { cursor: found.at(-1)!.id, events: found.map((row) => ({ payload: row })) };
}) }, () => void told());
`;
const KEYS = ["a", "b"];

let server: PostgresServer;
beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(() => server.stop());

test("of several schedulers each event starts its runs once, also when one is killed; what waits elsewhere goes on", async () => {
  const here = await postgresProject(server, { "pipelines/events.ts": PIPELINE });
  const shop = await server.makeDatabase();
  await server.execute(shop.name, "create table rows (id integer primary key)");
  const env = { TUTTI_CONNECTION_SHOP: shop.url };
  expect(await here.tutti(["deploy"])).toMatchObject({ code: 0 });
  const [first, second] = [here.start(["start"], env), here.start(["start"], env)];
  for (const process of [first, second]) await process.saw(/^Process/);
  const emit = (name: string, ...args: string[]) => here.tutti(["emit", name, ...args, "--json"]);
  const runs = async (workflow: string) => {
    const { stdout } = await here.tutti(["runs", "--workflow", workflow, "--json", "--limit", "100"]);
    return (JSON.parse(stdout) as { state: string }[]).map(({ state }) => state);
  };
  const run = here.start(["run", "waiting", "--json"]);
  await Promise.all(KEYS.flatMap((key) => [emit("order", "--key", key), emit("order", "--key", key)]));
  first.kill("SIGKILL");
  for (const key of KEYS) await emit("order", "--key", key);
  const all = KEYS.map(() => "succeeded");
  for (const workflow of ["orders", "loaded", "after"])
    await expect.poll(() => runs(workflow), { timeout: 60_000, interval: 500 }).toEqual(all);
  expect((await runs("report")).length).toBeGreaterThan(0);

  await server.execute(shop.name, "insert into rows values (1), (2)");
  const notified = async () => {
    await server.execute(shop.name, "notify rows");
    return runs("rows");
  };
  await expect.poll(notified, { timeout: 40_000, interval: 500 }).toEqual(["succeeded", "succeeded"]);
  const waiting = () => server.execute(here.database, "select from tutti.task_run where state = 'deferred'");
  await expect.poll(waiting, { timeout: 30_000, interval: 200 }).toHaveLength(1);
  await emit("done", "--data", `{"n": 1}`);
  const { tasks } = JSON.parse((await run.ended).stdout) as { tasks: { output: unknown }[] };
  expect(tasks[0]?.output).toEqual({ n: 1 });
});
