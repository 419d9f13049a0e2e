import { expect, test } from "vitest";
import { scheduledVersion } from "../../testing/store-suite/schedule-facts.ts";
import { T0 } from "../../testing/store-samples.ts";
import { testServer } from "../fixture.test-data.ts";

const LOCAL = { as: "local" } as const;
const RANGE = { from: "2025-08-01", to: "2025-08-04" };

interface Answered {
  readonly id: string;
  readonly state: string;
  readonly items: { readonly id: string }[];
  readonly next: string | null;
  readonly error: { readonly code: string };
}

async function backfillWorld() {
  const world = await testServer();
  const tagged = (name: string, tags: readonly string[]) => {
    const version = scheduledVersion(name, ["daily"]);
    return { ...version, manifest: { ...version.manifest, tags } };
  };
  await world.engine.deploy({ versions: [tagged("feed", ["finance"]), tagged("other", [])], at: T0 });
  const post = async (target: string, body: object = {}, headers: Record<string, string> = {}) => {
    const answer = await world.ask(target, { ...LOCAL, method: "POST", body, headers });
    return { status: answer.status, ...((await answer.json()) as Answered) };
  };
  const get = async (target: string, headers: Record<string, string> = {}) =>
    (await (await world.ask(target, Object.keys(headers).length > 0 ? { headers } : LOCAL)).json()) as Answered;
  return { ...world, post, get };
}

test("a backfill is asked for, paused, gone on with and cancelled, each with its line in the audit log", async () => {
  const { post, get, reader } = await backfillWorld();
  const made = await post("/api/backfills", { workflow: "feed", ...RANGE, order: "newest", maxActiveRuns: 3 });
  expect(made).toMatchObject({
    status: 201,
    workflow: "feed",
    schedule: "daily",
    ...RANGE,
    partitions: null,
    order: "newest",
    maxActiveRuns: 3,
    state: "running",
    total: 4,
    counts: { todo: 4, succeeded: 0 },
    createdBy: "local:ada",
    endedAt: null,
  });
  const { id } = made;
  expect(await get(`/api/backfills/${id.slice(0, 20)}`)).toMatchObject({ id, state: "running" });
  expect(await post(`/api/backfills/${id}/pause`)).toMatchObject({ status: 200, state: "paused" });
  expect(await post(`/api/backfills/${id}/resume`)).toMatchObject({ state: "running" });
  expect(await post(`/api/backfills/${id}/cancel`)).toMatchObject({ state: "cancelled" });
  expect(await post(`/api/backfills/${id}/resume`)).toMatchObject({ status: 409, error: { code: "BACKFILL_ENDED" } });
  const lines = await reader.access.audit({ limit: 10, target: id });
  expect(lines.map(({ action, actor }) => `${actor} ${action}`).toReversed()).toEqual([
    "local:ada backfill.create",
    "local:ada backfill.pause",
    "local:ada backfill.resume",
    "local:ada backfill.cancel",
  ]);
});

test("asked for twice under one key it is one, and the key is for nothing else", async () => {
  const { post, get } = await backfillWorld();
  const key = { "idempotency-key": "nightly" };
  const first = await post("/api/backfills", { workflow: "feed", ...RANGE }, key);
  expect((await post("/api/backfills", { workflow: "feed", ...RANGE }, key)).id).toBe(first.id);
  expect(await post("/api/backfills", { workflow: "other", ...RANGE }, key)).toMatchObject({
    status: 409,
    error: { code: "KEY_REUSED" },
  });
  expect((await get("/api/backfills")).items).toHaveLength(1);
});

test("a preview says what would become of each window, page by page, and writes nothing", async () => {
  const { post, get } = await backfillWorld();
  const asked = { workflow: "feed", ...RANGE, limit: 3 };
  const first = await post("/api/backfills/preview", asked);
  expect(first).toMatchObject({ status: 200, total: 4, run: 4, skip: 0, reasons: { missing: 4 } });
  expect(first).toHaveProperty("windows.2.date", "2025-08-03");
  const second = await post("/api/backfills/preview", { ...asked, cursor: first.next });
  expect(second).toMatchObject({ windows: [{ date: "2025-08-04", action: "run", reason: "missing" }], next: null });
  expect((await get("/api/backfills")).items).toEqual([]);
});

test("partitions of what a workflow makes are previewed and backfilled by their keys", async () => {
  const { post, get, engine } = await backfillWorld();
  const version = scheduledVersion("regions", []);
  const partitions = { kind: "static", keys: ["emea", "apac", "latam"] } as const;
  const making = { produces: ["sales"], assets: [{ name: "sales", partitions }] };
  const tasks = version.manifest.tasks.map((task) => ({ ...task, ...making }));
  await engine.deploy({ versions: [{ ...version, manifest: { ...version.manifest, tasks } }], at: T0 });
  const asked = { workflow: "regions", partition: "apac..latam" };
  expect(await post("/api/backfills/preview", { ...asked, limit: 1 })).toMatchObject({
    status: 200,
    total: 2,
    windows: [{ partition: "apac", action: "run", reason: "missing" }],
  });
  const made = await post("/api/backfills", asked);
  const shown = {
    status: 201,
    schedule: "(partitions)",
    from: null,
    partitions: { from: "apac", to: "latam" },
    total: 2,
  };
  expect(made).toMatchObject(shown);
  expect((await get("/api/backfills?workflow=regions")).items).toMatchObject([{ id: made.id }]);
  expect(await post("/api/backfills", { ...asked, partition: "mars" })).toMatchObject({
    status: 422,
    error: { code: "PARTITION_UNKNOWN" },
  });
});

test("the list goes by workflow and state, page by page, and shows nobody what he may not see", async () => {
  const { post, get, token } = await backfillWorld();
  const ids: string[] = [];
  for (const workflow of ["feed", "other", "feed"]) ids.push((await post("/api/backfills", { workflow, ...RANGE })).id);
  await post(`/api/backfills/${ids[0]}/pause`);
  const of = async (query: string) => (await get(`/api/backfills${query}`)).items.map(({ id }) => id);
  expect(await of("")).toEqual(ids.toReversed());
  expect(await of("?workflow=feed")).toEqual([ids[2], ids[0]]);
  expect(await of("?state=paused,succeeded")).toEqual([ids[0]]);
  const page = await get("/api/backfills?limit=2");
  expect(page.items.map(({ id }) => id)).toEqual([ids[2], ids[1]]);
  expect(await of(`?limit=2&cursor=${page.next}`)).toEqual([ids[0]]);
  const headers = { authorization: `Bearer ${await token("operator", { tags: ["finance"] })}` };
  expect((await get("/api/backfills", headers)).items.map(({ id }) => id)).toEqual([ids[2], ids[0]]);
  expect(await get(`/api/backfills/${ids[1]}`, headers)).toMatchObject({ error: { code: "BACKFILL_NOT_FOUND" } });
});

test.each([
  [{ workflow: "feed" }, 400, "BAD_BACKFILL"],
  [{ workflow: "feed", from: "2025-08-02", to: "2025-08-01" }, 400, "BAD_DATE"],
  [{ workflow: "feed", from: "never", to: "2025-08-01" }, 400, "BAD_DATE"],
  [{ workflow: "feed", ...RANGE, schedule: "weekly" }, 404, "SCHEDULE_NOT_FOUND"],
  [{ workflow: "feed", ...RANGE, partition: "2025-08-01" }, 400, "BAD_BACKFILL"],
  [{ workflow: "nothing", ...RANGE }, 404, "WORKFLOW_NOT_FOUND"],
  [{ workflow: "feed", ...RANGE, maxActiveRuns: 0 }, 400, "BAD_REQUEST"],
])("%j is refused: %i %s", async (body, status, code) => {
  const { post } = await backfillWorld();
  for (const target of ["/api/backfills", "/api/backfills/preview"])
    expect(await post(target, body)).toMatchObject({ status, error: { code } });
});
