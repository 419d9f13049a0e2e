import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { build } from "../../src/authoring/build.ts";
import { TuttiClient } from "../../src/client/index.ts";
import { LogReader } from "../../src/engine/logs/log-reader.ts";
import type { RunEvent } from "../../src/engine/run-event.ts";
import { progressOfHint, type TaskProgress } from "../../src/engine/task-progress.ts";
import { dag, task } from "../../src/index.ts";
import { RunWatch } from "../../src/owner/fleet/run-watch.ts";
import { ServerFollow } from "../../src/owner/remote/server-follow.ts";
import { openPostgresReader, openPostgresWakeUps } from "../../src/store/postgres/open-postgres-store.ts";
import { PostgresProxy } from "../support/postgres-proxy.ts";
import { type PostgresProject, postgresProject } from "../support/postgres-project.ts";
import { PostgresServer } from "../support/postgres-server.ts";
import { RemoteFleet, WINDOW } from "../support/remote-fleet.ts";

let server: PostgresServer;
beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(() => server.stop());

const said = { progress: (_done: number): void => {}, end: (): void => {} };
const counts = task("counts", async (_: void, ctx) => {
  said.progress = (done) => ctx.progress(done, 100, "\u0001é".repeat(5_000));
  await new Promise<void>((resolve) => (said.end = resolve));
});
const long = build(dag("long", {}, () => void counts()));

test("what a task on another machine says of its progress is heard, also after the lines were cut on both sides", async () => {
  const fleet = await RemoteFleet.open(server, long);
  const proxies = [await PostgresProxy.start(server.port), await PostgresProxy.start(server.port)] as const;
  const [of, at] = proxies.map(({ port }) => fleet.url.replace(String(server.port), String(port))) as [string, string];
  await fleet.worker("w", { at: of, leaseMs: 60_000 });
  const engine = await fleet.scheduler();
  const heard: TaskProgress[] = [];
  const shown: RunEvent[] = [];
  let watch: RunWatch | null = null;
  const ears = await openPostgresWakeUps({ url: at });
  ears.listenAll((channel, word) => {
    const progress = progressOfHint(channel, word);
    if (progress !== null) heard.push(progress);
  });
  const reader = await openPostgresReader({ url: at });
  onTestFinished(async () => {
    watch?.close();
    await Promise.all([ears.close(), reader.close()]);
    await fleet.close();
    for (const proxy of proxies) await proxy.close();
  });
  const version = await fleet.register(long.manifest);
  said.progress = () => {};
  const run = await engine.submit({ version, window: WINDOW, trigger: "manual" });
  const last = () => heard.at(-1)?.done;
  const logs = new LogReader(fleet.folder, null);
  watch = new RunWatch({ reader, wakeUps: ears, logs, runId: run }, (event) => shown.push(event));
  const isShown = () => shown.some((event) => event.kind === "progress" && event.task === "counts" && event.done === 3);

  await expect.poll(() => (said.progress(1), last()), { timeout: 20_000 }).toBe(1);
  // However long it makes its note: what PostgreSQL would refuse was cut before.
  expect(heard[0]).toMatchObject({ runId: run, claim: 1, done: 1, total: 100 });
  expect(heard[0]!.note).toHaveLength(200);
  for (const proxy of proxies) {
    proxy.away = true;
    proxy.cut();
  }
  said.progress(2);
  for (const proxy of proxies) proxy.away = false;
  await expect.poll(() => (said.progress(3), last()), { timeout: 20_000 }).toBe(3);
  // To whoever follows it with `tutti run`, once he has seen that it runs.
  await expect.poll(isShown, { timeout: 15_000 }).toBe(true);
  said.progress(4);
  said.end();
  expect(await engine.ended(run)).toBe("succeeded");
  await expect.poll(last, { timeout: 20_000 }).toBe(4);
});

test("words of hundreds of tasks arrive beside hints, of each channel the last one; what no notification can carry is left out", async () => {
  const { url } = await server.makeDatabase();
  const [mouth, ears] = [await openPostgresWakeUps({ url }), await openPostgresWakeUps({ url })];
  onTestFinished(async () => {
    await Promise.all([mouth.close(), ears.close()]);
  });
  const heard = new Map<string, string | null>();
  let hints = 0;
  ears.listen("hint", () => (hints += 1));
  ears.listenAll((channel, word) => heard.set(channel, word));
  const word = (n: number) => JSON.stringify([n, "\u0001".repeat(100)]);
  mouth.notify("too long", "é".repeat(4_000));
  for (let n = 0; n < 300; n++) mouth.notify(`channel ${n}`, "an earlier word");
  for (let n = 0; n < 300; n++) mouth.notify(`channel ${n}`, word(n));
  mouth.notify("hint");

  await expect.poll(() => heard.get("channel 299"), { timeout: 20_000 }).toBe(word(299));
  expect(hints).toBeGreaterThan(0);
  expect(
    [...heard].filter(([channel, last]) => channel.startsWith("channel") && last === word(Number(channel.slice(8)))),
  ).toHaveLength(300);
  expect(heard.has("too long")).toBe(false);
});

const PIPELINE = `
import { dag, task } from "tutti";
import { existsSync } from "node:fs";
const root = new URL("../", import.meta.url);
const counts = task("counts", { secrets: ["key"] }, async (_: void, ctx) => {
  const key = await ctx.secret("key");
  for (let n = 1; !existsSync(new URL("go", root)); n++) {
    ctx.progress(n, 1000, "with " + key);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
});
export default dag("long", {}, () => { counts(); });
`;
const VALUE = "sw0rdfish-of-the-bank";

async function up(here: PostgresProject, args: readonly string[], env = {}) {
  const process = here.start(args, env);
  await process.saw(/^Process "/);
  return process;
}

test("pages of a server that neither schedules nor works are told of it, masked as logs are", async () => {
  const here = await postgresProject(server, { "pipelines/long.ts": PIPELINE });
  expect(await here.tutti(["deploy"])).toMatchObject({ code: 0 });
  await up(here, ["start", "--role", "scheduler"]);
  await up(here, ["worker"], { TUTTI_SECRET_KEY: VALUE });
  const serves = here.start(["start", "--role", "server", "--port", "0"]);
  const [, url = "", token = ""] = await serves.saw(/Open (http:\/\/127\.0\.0\.1:\d+)\/auth\?token=(\S+)/);
  const client = new TuttiClient({ url, token });
  const { id } = await client.post("/api/runs", { body: { workflow: "long" }, key: "first" });

  const progressOf = async (): Promise<unknown> => {
    for await (const { data } of client.events([`run:${id}`])) {
      const progress = data["progress"] as readonly unknown[] | undefined;
      if (progress !== undefined && progress.length > 0) return progress;
    }
    return null;
  };
  const progress = [{ taskRun: expect.any(Number) as number, claim: 1, total: 1000, note: "with ***" }];
  expect(await progressOf()).toMatchObject(progress);
  // One that comes later finds it in the snapshot.
  expect(await progressOf()).toMatchObject(progress);
  const shown: RunEvent[] = [];
  const follow = new ServerFollow(client, { runId: id }, (event) => shown.push(event));
  const isShown = () => shown.some((event) => event.kind === "progress" && event.task === "counts");
  await expect.poll(isShown, { timeout: 20_000 }).toBe(true);
  follow.close();
  here.write("go", "");
});
