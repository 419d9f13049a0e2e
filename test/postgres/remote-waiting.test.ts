import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { build } from "../../src/authoring/build.ts";
import { decodeValue } from "../../src/core/value-codec.ts";
import { dag, sensor, task } from "../../src/index.ts";
import type { VersionRecord } from "../../src/store/store.ts";
import { PostgresServer } from "../support/postgres-server.ts";
import { RemoteFleet, WINDOW } from "../support/remote-fleet.ts";

const done: string[] = [];
const order = task("order", async ({ n }: { n: number }, ctx) => {
  const id = await ctx.step("charge", () => (done.push(`charge ${n}`), `c${n}`));
  await ctx.sleep(300);
  await ctx.step("ship", () => void done.push(`ship ${n}`));
  await Promise.all([ctx.sleep(100), ctx.sleep(200)]);
  return `${id} shipped`;
});
let looks = 0;
const landed = sensor("landed", { every: "100ms" }, () => (++looks >= 3 ? looks : undefined));
const orders = build(
  dag("orders", {}, () => {
    order.map({ n: [0, 1, 2, 3, 4, 5, 6, 7] });
    landed();
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
  fleet = await RemoteFleet.open(server, orders);
  version = await fleet.register(orders.manifest);
  looks = 0;
  done.length = 0;
});
afterEach(() => fleet.close());

test("tasks wait on workers elsewhere, and go on on any of them, without doing again what they have recorded", async () => {
  const engine = await fleet.scheduler();
  for (const name of ["one", "two", "three"]) await fleet.worker(name, { slots: 4 });
  await fleet.untilAlive(3);

  const run = await engine.submit({ version, window: WINDOW, trigger: "manual" });

  expect(await engine.ended(run)).toBe("succeeded");
  const { taskRuns } = (await fleet.direct.loadRun(run))!;
  const outputs = await fleet.direct.readOutputs(taskRuns.map(({ id }) => id));
  const values = taskRuns
    .toSorted((a, b) => (a.mapIndex ?? -1) - (b.mapIndex ?? -1))
    .map(({ id }) => {
      const value = outputs.get(id)?.value;
      return value?.kind === "inline" ? decodeValue(value.text) : null;
    });
  expect(values).toEqual([3, ...[0, 1, 2, 3, 4, 5, 6, 7].map((n) => `c${n} shipped`)]);
  expect(done.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(
    [0, 1, 2, 3, 4, 5, 6, 7].flatMap((n) => [`charge ${n}`, `ship ${n}`]).toSorted((a, b) => (a < b ? -1 : 1)),
  );
});

test("a worker that dies while tasks wait takes nothing along that is needed", async () => {
  const engine = await fleet.scheduler();
  const first = await fleet.worker("first");
  await fleet.untilAlive(1);
  const run = await engine.submit({ version, window: WINDOW, trigger: "manual" });
  while (done.length < 8) await new Promise((resolve) => setTimeout(resolve, 5));
  await first.worker.drain(0);
  await fleet.worker("second");

  expect(await engine.ended(run)).toBe("succeeded");
  expect(done.filter((what) => what.startsWith("ship"))).toHaveLength(8);
});
