import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Dice } from "../simulation/dice.ts";
import type { PostgresProject } from "../support/postgres-project.ts";
import { PostgresServer } from "../support/postgres-server.ts";
import { deployed, effects, type Member, nameOf, type Recorded, recorded, SLOTS, up } from "./fixtures/fleet.ts";
import { FAN, STEPS } from "./fixtures/fleet-pipeline.ts";

/**
 * `npm run test:crash` plays ten rounds of about fifteen seconds: a worker's lease of ten has to end in each. `npm test` plays one in which
 * only schedulers are killed, whose leases are short.
 */
const IS_SHORT = process.env["TUTTI_CRASH_ROUNDS"] === undefined;
const ROUNDS = IS_SHORT ? 1 : Math.max(1, Math.floor(Number(process.env["TUTTI_CRASH_ROUNDS"]) / 5));
const SEED = Number(process.env["TUTTI_CRASH_SEED"] ?? Date.now() % 1_000_000);
const RUNS = IS_SHORT ? 1 : 3;
const SCHEDULERS = 2;

let server: PostgresServer;
beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(() => server.stop());

/** Kills and crashes in an order and at moments which the seed decides; answers with the names of those killed. */
async function strike(here: PostgresProject, fleet: Member[], dice: Dice): Promise<readonly string[]> {
  const killed: string[] = [];
  const kill = async () => {
    const at = dice.below(IS_SHORT ? SCHEDULERS : fleet.length);
    const { role, process, name } = fleet[at]!;
    // Of itself alone its children have to learn by themselves.
    if (dice.chance(0.5)) process.kill("SIGKILL");
    else process.killGroup("SIGKILL");
    await process.ended;
    killed.push(name);
    fleet[at] = await up(here, role);
  };
  const crash = () => server.crash(dice.between(0, 500));
  const plan = IS_SHORT
    ? [kill, crash]
    : dice.pick([
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
      const here = await deployed(server);
      const fleet = await Promise.all([
        ...Array.from({ length: SCHEDULERS }, () => up(here, IS_SHORT ? ["start", "--role", "scheduler"] : ["start"])),
        up(here, ["worker"], IS_SHORT ? { TUTTI_TASKS_PER_CHILD: "32" } : {}),
      ]);
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
