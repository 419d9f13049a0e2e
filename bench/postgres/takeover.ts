import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { migratePostgres } from "../../src/store/postgres/open-postgres-store.ts";
import type { ProcessRole } from "../../src/store/process-list.ts";
import type { Measure } from "../figure.ts";
import type { PostgresRig } from "./postgres-rig.ts";

const RUNS = 20;
const TAKEOVER_MS = 5_000;
/** The runs are well under way, and far from their end. */
const BEFORE_MS = 3_000;
/** When a task's end was recorded last, and how long nothing had been before. */
const LONGEST_GAP = `
  select max(gap)::float8 as ms from (
    select extract(epoch from ended_at - lag(ended_at) over (order by ended_at)) * 1000 as gap from tutti.attempt where outcome = 'succeeded'
  ) g`;
const UNFINISHED = "select count(*)::integer as n from tutti.run where state in ('queued', 'running')";

/**
 * Two schedulers, a worker elsewhere, and runs whose tasks end all the time. The scheduler that holds them is killed: how long no
 * task ends, until the other one has noticed and goes on with them.
 */
export const takeover: Measure<PostgresRig> = async ({ server }) => {
  const { url, name } = await server.makeDatabase();
  await migratePostgres({ url });
  const members: ChildProcessByStdio<null, Readable, null>[] = [];
  const join = async (role: ProcessRole, runs = 0) => {
    const entry = new URL("member-child.ts", import.meta.url).pathname;
    const member = spawn(process.execPath, [entry, url, role, String(runs)], { stdio: ["ignore", "pipe", "inherit"] });
    members.push(member);
    await once(member.stdout, "data");
    return member;
  };
  try {
    await join("worker");
    const first = await join("scheduler", RUNS);
    await join("scheduler");
    await pause(BEFORE_MS);
    first.kill("SIGKILL");
    while ((await server.execute<{ n: number }>(name, UNFINISHED))[0]!.n > 0) await pause(500);
    const [gap] = await server.execute<{ ms: number }>(name, LONGEST_GAP);
    const judged = { unit: "ms", bound: "at most", budget: TAKEOVER_MS, limit: null } as const;
    return [{ name: "PostgreSQL: a scheduler is killed, until its runs go on", value: gap!.ms, ...judged }];
  } finally {
    for (const member of members) member.kill("SIGKILL");
  }
};
