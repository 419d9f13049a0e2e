import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openPostgresReader } from "../../../src/store/postgres/open-postgres-store.ts";
import type { AttemptRecord, RunDetail } from "../../../src/store/reader.ts";
import { Dice } from "../../simulation/dice.ts";
import { type PostgresProject, postgresProject } from "../../support/postgres-project.ts";
import { PostgresServer } from "../../support/postgres-server.ts";
import type { TuttiProcess } from "../../support/tutti-process.ts";
import { FAN, STEPS, WAITING } from "../fixtures/fleet-pipeline.ts";

/** `npm run test:crash` plays ten. A round takes about fifteen seconds: a lease of ten has to end in it. */
const ROUNDS = Math.max(1, Math.floor(Number(process.env["TUTTI_CRASH_ROUNDS"]) / 5));
const SEED = Number(process.env["TUTTI_CRASH_SEED"] ?? Date.now() % 1_000_000);
const RUNS = 3;
const SLOTS = 8;
/** From its death until its tasks run elsewhere; 15 s are promised on a machine that does nothing else. */
const ELSEWHERE_MS = process.env["CI"] === undefined ? 60_000 : 30_000;

const PIPELINE = readFileSync(join(import.meta.dirname, "../fixtures/fleet-pipeline.ts"), "utf8");

let server: PostgresServer;
beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(() => server.stop());

async function deployed(): Promise<PostgresProject> {
  const here = await postgresProject(server, { "pipelines/fleet.ts": PIPELINE });
  expect(await here.tutti(["deploy"])).toMatchObject({ code: 0 });
  return here;
}

interface Member {
  readonly role: readonly string[];
  readonly process: TuttiProcess;
  /** As it is recorded with what it ran. */
  readonly name: string;
}

async function up(here: PostgresProject, role: readonly string[], env = {}): Promise<Member> {
  const process = here.start(role, { TUTTI_TASKS_PER_CHILD: String(SLOTS), ...env });
  const [, name = ""] = await process.saw(/^Process "([^"]+)"/);
  return { role, process, name };
}

/** Task key → how often it began, and under which idempotency keys. */
function effects(here: PostgresProject): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  if (!existsSync(here.path("effects.txt"))) return found;
  for (const line of here.read("effects.txt").trim().split("\n")) {
    const [task = "", key = ""] = line.split(" ");
    found.set(task, [...(found.get(task) ?? []), key]);
  }
  return found;
}

/** A scheduler that works for others too does so under a second name, with the same slots. */
const nameOf = (worker: string | null): string => (worker ?? "").replace(/\.offers$/, "");

interface Recorded {
  readonly runs: readonly RunDetail[];
  readonly attempts: readonly AttemptRecord[];
}

async function recorded(here: PostgresProject): Promise<Recorded> {
  const reader = await openPostgresReader({ url: here.url });
  try {
    const listed = await reader.listRuns({ limit: 100 });
    const runs = await Promise.all(listed.map(async ({ id }) => (await reader.runDetail(id))!));
    return { runs, attempts: (await Promise.all(listed.map(({ id }) => reader.attempts(id)))).flat() };
  } finally {
    await reader.close();
  }
}

/** Kills and crashes in an order and at moments which the seed decides; answers with the names of those killed. */
async function strike(here: PostgresProject, fleet: Member[], dice: Dice): Promise<readonly string[]> {
  const killed: string[] = [];
  const kill = async () => {
    const at = dice.below(fleet.length);
    const { role, process, name } = fleet[at]!;
    // Of itself alone its children have to learn by themselves.
    if (dice.chance(0.5)) process.kill("SIGKILL");
    else process.killGroup("SIGKILL");
    await process.ended;
    killed.push(name);
    fleet[at] = await up(here, role);
  };
  const crash = () => server.crash(dice.between(0, 500));
  const plan = dice.pick([
    [kill, crash, kill],
    [crash, kill, kill],
    [kill, kill, crash],
  ]);
  for (const act of plan) {
    await sleep(dice.between(100, 900));
    await act();
  }
  return killed;
}

/** Everything is recorded once; what ran twice did so because its process was lost under it, and under one key. */
function expectAllOnce(here: PostgresProject, { runs, attempts }: Recorded, killed: readonly string[]): void {
  const each = FAN + STEPS + 2;
  expect(runs.map(({ run }) => run.state)).toEqual(Array(RUNS).fill("succeeded"));
  for (const { taskRuns } of runs) {
    expect(taskRuns.length).toBe(each);
    expect(taskRuns.filter(({ state, attempt }) => state !== "succeeded" || attempt !== 1)).toEqual([]);
  }
  const ends = attempts.filter(({ outcome }) => outcome !== "lost");
  expect(ends.filter(({ outcome }) => outcome !== "succeeded")).toEqual([]);
  expect([ends.length, new Set(ends.map(({ taskRunId }) => taskRunId)).size]).toEqual([RUNS * each, RUNS * each]);

  const began = effects(here);
  expect(began.size).toBe(RUNS * (FAN + STEPS));
  expect([...began].filter(([, keys]) => new Set(keys).size > 1)).toEqual([]);
  expect(new Set([...began.values()].map(([key]) => key)).size).toBe(began.size);
  const again = [...began.values()].reduce((sum, keys) => sum + keys.length - 1, 0);
  // On a machine so busy that a process missed its lease, that one counts like one killed.
  const lost = new Set(attempts.filter(({ outcome }) => outcome === "lost").map(({ worker }) => nameOf(worker)));
  const lapsed = [...lost].filter((name) => !killed.includes(name));
  if (lapsed.length > 0) console.log(`lost without being killed: ${lapsed.join(", ")}`);
  expect(again).toBeLessThanOrEqual((killed.length + lapsed.length) * SLOTS);
}

test(
  `processes and PostgreSQL itself are killed under load: every run succeeds by itself (${ROUNDS} times)`,
  { timeout: 120_000 * ROUNDS },
  async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const dice = new Dice(SEED + round);
      console.log(`TUTTI_CRASH_SEED=${SEED + round}`);
      const here = await deployed();
      const fleet = await Promise.all([up(here, ["start"]), up(here, ["start"]), up(here, ["worker"])]);
      const followers = Array.from({ length: RUNS }, () => here.start(["run", "many", "-q"]));
      // A command that finds no database when it starts says so and ends: all have to have asked before anything breaks.
      const begun = () => new Set([...effects(here).keys()].map((key) => key.split(":", 1)[0])).size;
      await expect.poll(begun, { timeout: 60_000 }).toBe(RUNS);

      const killed = await strike(here, fleet, dice);

      for (const follower of followers) {
        const { code, stdout, stderr } = await follower.ended;
        expect(code, stdout + stderr).toBe(0);
      }
      expectAllOnce(here, await recorded(here), killed);
      for (const { process } of fleet) process.killGroup();
    }
  },
);

// With forty tasks, and no scheduler of its own, it is remote-worker.test.ts that npm test plays.
test(`a worker is killed with ${WAITING} tasks: all run elsewhere soon`, { timeout: 180_000 }, async () => {
  const here = await deployed();
  await up(here, ["start", "--role", "scheduler"]);
  const wide = { TUTTI_CHILDREN: "2", TUTTI_TASKS_PER_CHILD: String(WAITING / 2) };
  const first = await up(here, ["worker"], wide);
  const run = here.start(["run", "waiting", "-q"]);
  const begun = (times: number) => [...effects(here).values()].filter((keys) => keys.length === times).length;
  await expect.poll(() => begun(1), { timeout: 60_000 }).toBe(WAITING);
  await up(here, ["worker"], wide);

  first.process.kill("SIGKILL");
  const diedAt = performance.now();
  await expect.poll(() => begun(2), { timeout: 90_000 }).toBe(WAITING);
  const elsewhereMs = performance.now() - diedAt;
  console.log(`${WAITING} tasks of a killed worker run elsewhere after ${(elsewhereMs / 1000).toFixed(1)} s`);
  expect(elsewhereMs).toBeLessThan(ELSEWHERE_MS);

  here.write("go", "");
  expect(await run.ended).toMatchObject({ code: 0 });
  const { attempts } = await recorded(here);
  expect(attempts.filter(({ outcome, worker }) => outcome === "lost" && worker !== first.name)).toEqual([]);
  expect(attempts.filter(({ outcome }) => outcome === "lost").length).toBe(WAITING);
});
