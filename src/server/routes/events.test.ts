import { expect, test } from "vitest";
import { hearingVersion } from "../../testing/store-suite/event-facts.ts";
import { T0 } from "../../testing/store-samples.ts";
import { testServer } from "../fixture.test-data.ts";

const LOCAL = { as: "local" } as const;

async function eventWorld() {
  const world = await testServer();
  const orders = { name: "orders", kind: "event", event: "orders.received", dedupeForMs: 604_800_000 } as const;
  const version = hearingVersion("feed", [orders]);
  const tagged = { ...version, manifest: { ...version.manifest, tags: ["finance"] } };
  await world.engine.deploy({ versions: [tagged], at: T0 });
  const emit = async (target: string, body?: unknown, headers: Record<string, string> = {}) => {
    const answer = await world.ask(`/api/events/${target}`, {
      ...LOCAL,
      method: "POST",
      headers,
      ...(body === undefined ? {} : { body }),
    });
    return { status: answer.status, ...((await answer.json()) as { heard: { runId: string; outcome: string }[] }) };
  };
  const get = async (target: string) =>
    (await (await world.ask(target, LOCAL)).json()) as { items: Record<string, unknown>[]; next: string | null };
  return { ...world, emit, get };
}

test("an event starts what waits for it, and is listed with its payload", async () => {
  const { emit, get, reader } = await eventWorld();
  const told = await emit("orders.received?key=o-17", { id: "o-17", lines: [1, 2] });
  expect(told).toMatchObject({
    status: 202,
    event: "orders.received",
    key: "o-17",
    heard: [{ workflow: "feed", trigger: "orders", outcome: "started", error: null }],
  });
  const runId = told.heard[0]!.runId;
  expect((await reader.runHead(runId))?.run).toMatchObject({ workflow: "feed", state: "queued", trigger: "event" });
  expect(await emit("orders.received?key=o-17", {})).toMatchObject({ heard: [{ outcome: "repeated", runId }] });
  expect((await get("/api/events?kind=event")).items).toMatchObject([
    { name: "orders.received", payload: {}, key: "o-17", runId: null, workflow: null },
    { payload: { id: "o-17", lines: [1, 2] } },
  ]);
  const [line] = await reader.access.audit({ limit: 1 });
  expect(line).toMatchObject({ actor: "local:ada", action: "event.emit", target: "orders.received" });
});

test("said twice under one Idempotency-Key it has happened once", async () => {
  const { emit, get } = await eventWorld();
  const headers = { "idempotency-key": "delivery-1" };
  const first = await emit("orders.received", { id: 1 }, headers);
  expect(first).toMatchObject({ heard: [{ outcome: "started" }] });
  expect(await emit("orders.received", { id: 1 }, headers)).toMatchObject({ heard: [{ outcome: "repeated" }] });
  expect((await get("/api/events")).items).toHaveLength(1);
  expect(await emit("orders.received", { id: 2 }, headers)).toMatchObject({
    status: 409,
    error: { code: "KEY_REUSED" },
  });
});

test("the list goes by name, page by page", async () => {
  const { emit, get } = await eventWorld();
  for (const name of ["a", "b", "a", "a"]) await emit(name);
  const first = await get("/api/events?name=a&limit=2");
  const second = await get(`/api/events?name=a&limit=2&cursor=${first.next}`);
  expect([...first.items, ...second.items].map(({ name, payload }) => [name, payload])).toEqual([
    ["a", null],
    ["a", null],
    ["a", null],
  ]);
  expect(second.next).toBeNull();
});

test("what starts workflows is listed with its rule", async () => {
  const { get } = await eventWorld();
  expect(await get("/api/triggers")).toMatchObject({
    items: [{ workflow: "feed", name: "orders", kind: "event", paused: false, rule: { event: "orders.received" } }],
    next: null,
  });
});

test("whoever may see some workflows says nothing to all, and hears of nothing that others did", async () => {
  const { ask, emit, token } = await eventWorld();
  await emit("orders.received");
  const headers = { authorization: `Bearer ${await token("operator", { tags: ["finance"] })}` };
  const answer = await ask("/api/events/orders.received", { method: "POST", headers, body: {} });
  expect(answer.status).toBe(403);
  expect(await (await ask("/api/events", { headers })).json()).toEqual({ items: [], next: null });
});

test.each([
  ["%20", undefined, 400],
  ["a%00b", {}, 400],
  ["a", "x".repeat(300_000), 413],
  ["a?key=", {}, 400],
])("event %s is refused", async (target, body, status) => {
  const { emit } = await eventWorld();
  const text = typeof body === "string" ? JSON.stringify(body) : body;
  expect(await emit(target, text)).toMatchObject({ status, error: { code: expect.any(String) } });
});
