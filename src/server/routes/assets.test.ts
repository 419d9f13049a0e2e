import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { asset } from "../../authoring/asset.ts";
import { build } from "../../authoring/build.ts";
import { check } from "../../authoring/check.ts";
import { startDeclarations } from "../../authoring/connection.ts";
import { dag } from "../../authoring/dag.ts";
import { task } from "../../authoring/task.ts";
import { systemClock } from "../../core/clock.ts";
import type { NewEvent } from "../../store/events.ts";
import { sampleVersion } from "../../testing/store-samples.ts";
import { testServer } from "../fixture.test-data.ts";

const SALES = "warehouse://sales/daily";

async function filled() {
  const world = await testServer();
  const { engine } = world;
  startDeclarations();
  const orders = asset("shop://orders");
  const sales = asset(SALES, { owner: "data", description: "By day.", freshness: { within: "2h" } });
  check(sales, { name: "rows", blocking: true, description: "There are some." }, () => true);
  const load = task("load", { produces: sales, consumes: orders }, () => 1);
  const publish = task("publish", { produces: asset("bi://board"), consumes: sales }, () => 1);
  const versions = [
    dag("retail", { tags: ["finance"] }, () => void load()),
    dag("boards", { tags: ["bi"] }, () => void publish()),
  ].map((workflow) => {
    const { manifest } = build(workflow);
    const hash = createHash("sha256").update(manifest.name).digest("hex");
    return { ...sampleVersion(manifest.name, []), manifest, hash, bundle: { hash, code: "", map: null } };
  });
  await engine.deploy({ versions, at: systemClock.now() });
  const event = (uid: string, name: string, more: Partial<NewEvent>): NewEvent => ({
    uid,
    name,
    kind: "asset",
    payload: null,
    key: null,
    partition: null,
    runId: null,
    at: systemClock.now(),
    ...more,
  });
  const finding = { status: "fail", message: "none", metadata: null, blocking: true, tookMs: 1 };
  await engine.store.events.record({
    starts: [],
    events: [
      event("1", SALES, { at: systemClock.now() - 9_000_000_000, payload: '{"rows":3}', partition: "2026-11-20" }),
      event("2", SALES, { at: systemClock.now() - 8_000_000_000, payload: '{"rows":4}', partition: "2026-11-21" }),
      event("3", SALES, { kind: "check", key: "rows", payload: JSON.stringify(finding) }),
      event("4", SALES, { kind: "check", key: "gone", payload: JSON.stringify({ ...finding, status: "pass" }) }),
      event("5", "from outside", {}),
    ],
  });
  return world;
}

test("assets are listed with age, checks and what they are made from, and found by name and state", async () => {
  const { ask } = await filled();
  const list = async (query = "") =>
    (await (await ask(`/api/assets${query}`, { as: "viewer" })).json()) as {
      items: { name: string }[];
      next: string | null;
    };
  expect((await list()).items.map(({ name }) => name)).toEqual(["bi://board", "from outside", "shop://orders", SALES]);
  expect((await list("?state=late")).items).toMatchObject([
    {
      name: SALES,
      owner: "data",
      state: "late",
      freshness: { policy: { kind: "age" }, text: "no older than 2 h", lateSince: expect.any(String) as string },
      last: { partition: "2026-11-21", metadata: { rows: 4 }, run: null },
      checks: { pass: 1, warn: 0, fail: 1 },
      makers: [{ workflow: "retail", task: "load" }],
      readers: [{ workflow: "boards", task: "publish" }],
      from: ["shop://orders"],
      into: ["bi://board"],
    },
  ]);
  expect((await list("?failing=true")).items.map(({ name }) => name)).toEqual([SALES]);
  expect((await list("?search=SHOP")).items.map(({ name }) => name)).toEqual(["shop://orders"]);
  expect((await list("?workflow=boards&limit=1")).items.map(({ name }) => name)).toEqual(["bi://board"]);
  const first = await list("?limit=3");
  expect((await list(`?limit=3&cursor=${first.next}`)).items.map(({ name }) => name)).toEqual([SALES]);
});

test("one asset, its history page by page, what its checks found, and the graph", async () => {
  const { ask } = await filled();
  const path = `/api/assets/${encodeURIComponent(SALES)}`;
  const get = async (target: string) => (await (await ask(target, { as: "viewer" })).json()) as Record<string, unknown>;
  expect(await get(path)).toMatchObject({
    name: SALES,
    findings: [
      {
        check: "rows",
        blocking: true,
        description: "There are some.",
        task: "load",
        last: { status: "fail", message: "none" },
      },
      { check: "gone", task: null, last: { status: "pass" } },
    ],
  });
  const page = await get(`${path}/materializations?limit=1`);
  expect(page).toMatchObject({ items: [{ metadata: { rows: 4 } }] });
  expect(await get(`${path}/materializations?limit=1&cursor=${page["next"] as string}`)).toMatchObject({
    items: [{ metadata: { rows: 3 }, partition: "2026-11-20" }],
    next: null,
  });
  expect(await get(`${path}/materializations?partition=2026-11-20`)).toMatchObject({
    items: [{ metadata: { rows: 3 } }],
  });
  expect(await get(`${path}/checks?check=rows`)).toMatchObject({ items: [{ check: "rows" }], next: null });
  expect(await get("/api/asset-graph")).toMatchObject({
    edges: [
      { from: SALES, to: "bi://board", workflow: "boards", task: "publish", started: false },
      { from: "shop://orders", to: SALES, workflow: "retail", task: "load", started: false },
    ],
  });
  expect((await ask("/api/assets/nothing", { as: "viewer" })).status).toBe(404);
  const foreign = await ask(`${path}/checks?cursor=${page["next"] as string}`, { as: "viewer" });
  expect(foreign.status).toBe(400);
});

test("whoever may see some workflows sees their assets, and nothing of where else they come from", async () => {
  const { ask, token } = await filled();
  const headers = { authorization: `Bearer ${await token("viewer", { tags: ["bi"] })}` };
  const list = (await (await ask("/api/assets", { headers })).json()) as {
    items: { name: string; makers: object[] }[];
  };
  expect(list.items.map(({ name, makers }) => [name, makers.length])).toEqual([
    ["bi://board", 1],
    [SALES, 0],
  ]);
  expect((await ask(`/api/assets/${encodeURIComponent("shop://orders")}`, { headers })).status).toBe(404);
});
