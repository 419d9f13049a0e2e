import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { selectionText } from "../../core/run-selection.ts";
import type { NewVersion } from "../../store/store.ts";
import { sampleVersion, T0 } from "../../testing/store-samples.ts";
import { testServer } from "../fixture.test-data.ts";

interface Answered {
  readonly status: number;
  readonly id: string;
  readonly partition: string | null;
  readonly items: readonly { readonly id: string; readonly partition: string | null }[];
  readonly runs: readonly { readonly id: string }[];
  readonly error: { readonly code: string };
}

/** `regions` makes an asset by region, `plain` none. */
async function partitionWorld() {
  const world = await testServer();
  const partitions = { kind: "static", keys: ["emea", "apac", "a, b"] } as const;
  const cut = { produces: ["sales"], assets: [{ name: "sales", partitions }] };
  const making = (name: string, made: object): NewVersion => {
    const { manifest, ...version } = sampleVersion(name, ["load"]);
    const hash = createHash("sha256").update(name).digest("hex");
    const tasks = [{ ...manifest.tasks[0]!, ...made }];
    return { ...version, hash, bundle: { ...version.bundle, hash }, manifest: { ...manifest, tasks } };
  };
  await world.engine.deploy({ versions: [making("regions", cut), making("plain", {})], at: T0 });
  const post = async (body: object, headers: Record<string, string> = {}, target = "/api/runs") => {
    const answer = await world.ask(target, { as: "local", method: "POST", body, headers });
    return { status: answer.status, ...((await answer.json()) as Omit<Answered, "status">) };
  };
  const listed = async (query: Record<string, string>) => {
    const answer = await world.ask(`/api/runs?${new URLSearchParams(query).toString()}`, { as: "local" });
    return ((await answer.json()) as Answered).items.map(({ id, partition }) => `${id} ${partition}`);
  };
  return { ...world, post, listed };
}

test("a run is started for a partition, once for each key, and says which it makes", async () => {
  const { post, reader } = await partitionWorld();
  const body = { workflow: "regions", partition: "emea" };
  const once = { "idempotency-key": "k" };
  const [made, again] = [await post(body, once), await post(body, once)];
  expect(made).toMatchObject({ status: 201, workflow: "regions", partition: "emea", trigger: "manual" });
  expect(again).toMatchObject({ status: 201, id: made.id });
  expect(await post({ ...body, partition: "apac" }, once)).toMatchObject({
    status: 409,
    error: { code: "KEY_REUSED" },
  });
  expect((await reader.runHead(made.id))!.run.partition).toBe("emea");
  expect(await post({ workflow: "plain" })).toMatchObject({ status: 201, partition: null });
  const [line] = await reader.access.audit({ limit: 1, target: made.id });
  expect(line).toMatchObject({ action: "run.start", after: expect.stringContaining(`"partition":"emea"`) as string });
});

test("runs are listed by their partition, and acts choose them by it", async () => {
  const { post, listed } = await partitionWorld();
  const start = async (partition: string) => `${(await post({ workflow: "regions", partition })).id} ${partition}`;
  const [emea, apac, comma] = [await start("emea"), await start("apac"), await start("a, b")];
  await post({ workflow: "plain" });
  expect(await listed({ partition: "emea" })).toEqual([emea]);
  expect(await listed({ partition: "emea,apac", workflow: "regions" })).toEqual([apac, emea]);
  expect(await listed({ select: selectionText({ partition: ["a, b"] }) })).toEqual([comma]);
  expect(await listed({ partition: "emea", workflow: "plain" })).toEqual([]);
  const bulk = { act: "cancel", selection: { select: "partition:apac" }, dryRun: true };
  expect((await post(bulk, {}, "/api/runs/bulk")).runs).toMatchObject([{ id: apac.split(" ")[0] }]);
});

test.each([
  [{ workflow: "regions", partition: "mars" }, 422, "PARTITION_UNKNOWN"],
  [{ workflow: "regions", partition: "emea,apac" }, 422, "PARTITION_NOT_ONE"],
  [{ workflow: "regions", partition: "apac..emea" }, 422, "PARTITION_OUT_OF_RANGE"],
  [{ workflow: "plain", partition: "emea" }, 422, "PARTITIONS_NONE"],
  [{ workflow: "regions", partition: "emea", date: "2025-08-01" }, 400, "BAD_REQUEST"],
])("to run %j is refused with %i %s, and starts nothing", async (body, status, code) => {
  const { post, listed } = await partitionWorld();
  expect(await post(body)).toMatchObject({ status, error: { code } });
  expect(await listed({})).toEqual([]);
});
