import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { build } from "../../src/authoring/build.ts";
import { decodeValue } from "../../src/core/value-codec.ts";
import { flow, task } from "../../src/index.ts";
import type { VersionRecord } from "../../src/store/store.ts";
import { PostgresServer } from "../support/postgres-server.ts";
import { RemoteFleet, WINDOW } from "../support/remote-fleet.ts";

const done: string[] = [];
const one = task("one", async ({ round, place }: { round: number; place: number }) => {
  done.push(`${round}.${place}`);
  return place;
});
const ROUNDS = 6;
const rounds = build(
  flow("rounds", {}, async (_, ctx) => {
    let sum = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const [a, b, c] = await Promise.all([
        ctx.run(one, { round, place: 1 }),
        ctx.run(one, { round, place: 2 }),
        ctx.step("beside", () => (done.push(`${round}.step`), 3)),
      ]);
      sum += a + b + c;
      await ctx.sleep(50);
    }
    return sum;
  }),
);

let server: PostgresServer;
let fleet: RemoteFleet;
let version: VersionRecord;

beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(() => server.stop());

beforeEach(async () => {
  fleet = await RemoteFleet.open(server, rounds);
  version = await fleet.register(rounds.manifest);
  done.length = 0;
});
afterEach(() => fleet.close());

const everything = Array.from({ length: ROUNDS }, (_, round) => [`${round}.1`, `${round}.2`, `${round}.step`])
  .flat()
  .toSorted();

async function valueOf(run: string): Promise<unknown> {
  const { taskRuns } = (await fleet.direct.loadRun(run))!;
  const body = taskRuns.find(({ mapIndex }) => mapIndex === null)!;
  const value = (await fleet.direct.readOutputs([body.id])).get(body.id)?.value;
  return value?.kind === "inline" ? decodeValue(value.text) : null;
}

test("a flow and its tasks run on workers elsewhere, each thing once", async () => {
  const engine = await fleet.scheduler();
  for (const name of ["one", "two"]) await fleet.worker(name, { slots: 2 });
  await fleet.untilAlive(2);

  const run = await engine.submit({ version, window: WINDOW, trigger: "manual" });

  expect(await engine.ended(run)).toBe("succeeded");
  expect(await valueOf(run)).toBe(ROUNDS * 6);
  expect(done.toSorted()).toEqual(everything);
});

test("a worker that goes in the middle of a flow takes nothing along that is needed", async () => {
  const engine = await fleet.scheduler();
  const first = await fleet.worker("first");
  await fleet.untilAlive(1);
  const run = await engine.submit({ version, window: WINDOW, trigger: "manual" });
  while (done.length < 7) await new Promise((resolve) => setTimeout(resolve, 5));
  await first.worker.drain(0);
  await fleet.worker("second");

  expect(await engine.ended(run)).toBe("succeeded");
  expect(await valueOf(run)).toBe(ROUNDS * 6);
  expect([...new Set(done)].toSorted()).toEqual(everything);
  // What was at work when it went may have happened twice.
  expect(done.length - everything.length).toBeLessThanOrEqual(3);
});
