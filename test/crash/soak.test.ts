import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runIdFrom } from "../../src/core/run-id.ts";
import { newRun } from "../../src/engine/new-run.ts";
import { openPostgresStore } from "../../src/store/postgres/open-postgres-store.ts";
import { type PostgresProject, postgresProject } from "../support/postgres-project.ts";
import { PostgresProxy } from "../support/postgres-proxy.ts";
import { PostgresServer } from "../support/postgres-server.ts";
import { WINDOW } from "../support/remote-fleet.ts";
import type { TuttiProcess } from "../support/tutti-process.ts";

/**
 * `npm run test:crash` plays an hour: a run each second, as fast as they go, and something breaks every five minutes of it. `npm test` plays
 * a minute and a half, with what breaks and needs no lease to end.
 */
const IS_SHORT = process.env["TUTTI_CRASH_ROUNDS"] === undefined;
const RUNS = IS_SHORT ? 90 : 3_600;
const TASKS = 4;
const SLOTS = 8;
const GROWTH_MB = 80;

const PIPELINE = `
import { appendFileSync } from "node:fs";
import { chain, dag, task } from "tutti";
const root = new URL("../", import.meta.url);
const beat = (name: string) => task(name, (_: {}, ctx) => appendFileSync(new URL("effects.txt", root), ctx.idempotencyKey + "\\n"));
const [first, left, right, last] = ["first", "left", "right", "last"].map(beat);
export const minute = dag("minute", {}, () => {
  const begun = first!();
  const ended = last!();
  for (const side of [left!, right!]) chain(begun, side(), ended);
});
`;

let server: PostgresServer;
let proxy: PostgresProxy;
beforeAll(async () => {
  server = await PostgresServer.start();
  proxy = await PostgresProxy.start(server.port);
});
afterAll(async () => {
  await proxy.close();
  await server.stop();
});

async function up(here: PostgresProject, role: readonly string[], env = {}): Promise<TuttiProcess> {
  const process = here.start(role, { TUTTI_TASKS_PER_CHILD: String(SLOTS), ...env });
  await process.saw(/^Process "/);
  return process;
}

/** Recorded as by somebody who asks and leaves: nobody holds them. */
async function submit(here: PostgresProject, count: number): Promise<void> {
  const store = await openPostgresStore({ url: here.url });
  const { id: versionId } = (await store.latestVersion("minute"))!;
  const groups = Array.from({ length: count }, () => {
    const now = Date.now() * 1000;
    const id = runIdFrom(now, randomBytes(10));
    const parsed = { params: null, lists: null };
    const create = newRun({ id, versionId, input: undefined, parsed, window: WINDOW, trigger: "manual" }, now);
    return { runId: id, revision: 0, create, run: null, inserts: [], changes: [], attempts: [], drawers: [] };
  });
  while (groups.length > 0) await store.commit(groups.splice(0, 100));
  await store.close();
}

const one = async (here: PostgresProject, query: string): Promise<number> =>
  (await server.execute<{ n: number }>(here.database, `select (${query})::integer as n`))[0]!.n;

const untilEnded = (here: PostgresProject, runs: number) =>
  expect
    .poll(() => one(here, "select count(*) from tutti.run where state not in ('queued', 'running')"), {
      timeout: 240_000,
      interval: 250,
    })
    .toBeGreaterThanOrEqual(runs);

const megabytes = ({ pid }: TuttiProcess): number =>
  Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" })) / 1024;

test(
  `a run each second, compressed, while one thing after another breaks: all of it is done (${RUNS} runs)`,
  { timeout: 900_000 },
  async () => {
    const here = await postgresProject(server, { "pipelines/soak.ts": PIPELINE });
    expect(await here.tutti(["deploy"])).toMatchObject({ code: 0 });
    const cutEnv = { TUTTI_STORE: here.url.replace(String(server.port), String(proxy.port)) };
    const fleet = [up(here, ["start"]), up(here, ["start"]), up(here, ["worker"], cutEnv)] as const;
    const steady = await fleet[0];
    let mortal = await fleet[1];
    let remote = await fleet[2];
    /** Processes that others took for dead: what they ran may run again. */
    let lost = 0;
    const replace = async (signal: NodeJS.Signals) => {
      mortal.kill(signal);
      await mortal.ended;
      mortal = await up(here, ["start"]);
    };
    const cut = async (ms: number) => {
      proxy.away = true;
      proxy.cut();
      await pause(ms);
      proxy.away = false;
    };
    const kill = () => ((lost += 1), replace("SIGKILL"));
    const crash = () => server.crash(500);
    const killWorker = async () => {
      lost += 1;
      remote.killGroup("SIGKILL");
      await remote.ended;
      remote = await up(here, ["worker"], cutEnv);
    };
    // Longer than both leases, so that others take its runs and its tasks.
    const suspend = async () => {
      lost += 1;
      mortal.killGroup("SIGSTOP");
      await pause(11_000);
      mortal.killGroup("SIGCONT");
    };
    const cutForLong = () => ((lost += 1), cut(11_000));
    const drop = () => cut(IS_SHORT ? 300 : 3_000);
    const stop = () => replace("SIGTERM");
    const faults = IS_SHORT
      ? [drop, crash]
      : [kill, crash, suspend, drop, killWorker, stop, cutForLong, crash, kill, suspend];

    const each = Math.ceil(RUNS / (faults.length + 1));
    let submitted = 0;
    const next = async () => {
      const count = Math.min(each, RUNS - submitted);
      await submit(here, count);
      submitted += count;
      await untilEnded(here, submitted - Math.ceil(count / 2));
    };
    await next();
    // The heap of a young process grows: 3,600 runs and 10,800 have it grow by as much.
    let before = 0;
    for (const [place, fault] of faults.entries()) {
      if (place === Math.floor(faults.length / 2)) before = megabytes(steady);
      await fault();
      await next();
    }
    await untilEnded(here, RUNS);

    const states = await server.execute(
      here.database,
      "select 'run' as what, state, count(*)::integer as n from tutti.run group by 2 union all select 'task run', state, count(*)::integer from tutti.task_run where attempt = 1 group by 2",
    );
    expect(states).toEqual([
      { what: "run", state: "succeeded", n: RUNS },
      { what: "task run", state: "succeeded", n: RUNS * TASKS },
    ]);
    const effects = here.read("effects.txt").trim().split("\n");
    expect(new Set(effects).size).toBe(RUNS * TASKS);
    // On a machine so busy that a process missed its lease, that one counts like one killed.
    const late = await one(here, "select count(distinct worker) from tutti.task_run where losses > 0");
    expect(effects.length - RUNS * TASKS).toBeLessThanOrEqual(Math.max(lost, late) * SLOTS);

    // Nothing is left behind once the next process has come, and nothing has grown.
    await replace("SIGTERM");
    expect(await one(here, "select count(*) from tutti.offer where worker is null")).toBe(0);
    expect(await one(here, "select count(*) from tutti.result")).toBe(0);
    expect(
      await one(here, "select count(*) from pg_stat_activity where application_name = 'tutti'"),
    ).toBeLessThanOrEqual(3 * 8);
    console.log(
      `the process that stayed grew from ${before.toFixed(0)} by ${(megabytes(steady) - before).toFixed(0)} MB`,
    );
    expect(megabytes(steady) - before).toBeLessThan(GROWTH_MB);
  },
);
