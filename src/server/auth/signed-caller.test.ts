import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { systemClock } from "../../core/clock.ts";
import { hearingVersion } from "../../testing/store-suite/event-facts.ts";
import { T0 } from "../../testing/store-samples.ts";
import { HOOK_SECRET, testServer } from "../fixture.test-data.ts";

const BODY = JSON.stringify({ id: "evt_17", rows: 3 });
const now = (): number => Math.floor(systemClock.now() / 1_000_000);

function standard(at = now(), body = BODY, id = "msg-1"): Record<string, string> {
  const key = Buffer.from(HOOK_SECRET.slice("whsec_".length), "base64");
  const signed = createHmac("sha256", key).update(`${id}.${at}.${body}`).digest("base64");
  return { "webhook-id": id, "webhook-timestamp": String(at), "webhook-signature": `v1,b2xk v1,${signed}` };
}
const hex = (text: string): string => createHmac("sha256", HOOK_SECRET).update(text).digest("hex");
const github = (body = BODY) => ({ "x-hub-signature-256": `sha256=${hex(body)}`, "x-github-delivery": "d-1" });
const stripe = (at = now(), body = BODY) => ({ "stripe-signature": `t=${at},v1=00,v1=${hex(`${at}.${body}`)}` });

async function hookWorld() {
  const world = await testServer({
    webhooks: {
      "orders.received": { secret: "hook", scheme: "standard" },
      "repo.pushed": { secret: "hook", scheme: "github" },
      paid: { secret: "hook", scheme: "stripe" },
      lost: { secret: "nowhere", scheme: "github" },
    },
  });
  const orders = { name: "orders", kind: "event", event: "orders.received", dedupeForMs: 604_800_000 } as const;
  await world.engine.deploy({ versions: [hearingVersion("feed", [orders])], at: T0 });
  const send = async (event: string, headers: Record<string, string>, body = BODY) => {
    const answer = await world.ask(`/api/events/${event}`, { method: "POST", body, headers });
    return { status: answer.status, ...((await answer.json()) as object) };
  };
  return { ...world, send };
}

test("who signs as the configuration says needs no token, and is written down as what he is", async () => {
  const { send, reader } = await hookWorld();
  expect(await send("orders.received", standard())).toMatchObject({
    status: 202,
    heard: [{ workflow: "feed", outcome: "started" }],
  });
  expect(await send("repo.pushed", github())).toMatchObject({ status: 202, heard: [] });
  expect(await send("paid", stripe())).toMatchObject({ status: 202, heard: [] });
  const lines = await reader.access.audit({ limit: 10, action: "event.emit" });
  expect(lines.map(({ actor }) => actor).toReversed()).toEqual([
    "webhook:orders.received",
    "webhook:repo.pushed",
    "webhook:paid",
  ]);
});

test("a message that is sent again has happened once", async () => {
  const { send, reader } = await hookWorld();
  for (let sent = 0; sent < 3; sent++) {
    expect(await send("orders.received", standard())).toMatchObject({ status: 202 });
    expect(await send("repo.pushed", github())).toMatchObject({ status: 202 });
    expect(await send("paid", stripe())).toMatchObject({ status: 202 });
  }
  expect((await reader.listEvents({ limit: 10 })).map(({ name }) => name).sort()).toEqual([
    "orders.received",
    "paid",
    "repo.pushed",
  ]);
});

test.each([
  ["a signature of another body", "orders.received", standard(now(), "{}")],
  ["one of ten minutes ago", "orders.received", standard(now() - 600)],
  ["one of the future", "paid", stripe(now() + 600)],
  ["one without its time", "orders.received", { ...standard(), "webhook-timestamp": "soon" }],
  ["another kind of signature", "orders.received", github()],
  ["a forged one", "repo.pushed", { "x-hub-signature-256": `sha256=${"0".repeat(64)}` }],
  ["an event that no webhook may say", "orders.shipped", standard()],
  ["a name of every object", "constructor", standard()],
  ["a secret that is not there", "lost", github()],
  ["nothing", "orders.received", {}],
])("%s lets nobody in", async (_, event, headers) => {
  const { send, reader } = await hookWorld();
  expect(await send(event, headers as Record<string, string>)).toMatchObject({
    status: 401,
    error: { code: "UNAUTHENTICATED" },
  });
  expect(await reader.listEvents({ limit: 10 })).toEqual([]);
});

test("a signature opens nothing but its event", async () => {
  const { ask } = await hookWorld();
  const headers = standard();
  for (const target of ["/api/events", "/api/runs", "/api/events/orders.received/more"])
    expect([401, 404]).toContain((await ask(target, { headers })).status);
  expect((await ask("/api/runs", { method: "POST", headers, body: BODY })).status).toBe(401);
});
