import { mkdirSync } from "node:fs";
import { expect, test } from "vitest";
import { HttpReceiver, text } from "../../../test/support/http-receiver.ts";
import { addKeyToFile } from "../../owner/secrets/key-ring.ts";
import { testServer } from "../fixture.test-data.ts";

interface Shown {
  readonly id: number;
  readonly events: readonly string[];
}

async function hookWorld() {
  const world = await testServer();
  const { ask, config } = world;
  mkdirSync(config.stateDir, { recursive: true });
  addKeyToFile(config.encryptionKeyFile);
  const asAdmin = async (method: string, path: string, body?: object): Promise<[number, unknown]> => {
    const answer = await ask(path, { method, as: "admin", ...(body !== undefined && { body }) });
    return [answer.status, answer.status === 204 ? null : await answer.json()];
  };
  await asAdmin("POST", "/api/secrets", { name: "hook-key", value: "a key that both know" });
  return { ...world, asAdmin };
}

test("an admin adds a webhook, tries it, changes it and removes it, and each change has its line", async () => {
  const { asAdmin } = await hookWorld();
  const receiver = await HttpReceiver.start(text(200), text(503));
  const url = receiver.url("/in?key=hidden");
  const [made, hook] = (await asAdmin("POST", "/api/webhooks", {
    url,
    secret: "hook-key",
    events: ["run.failed"],
  })) as [number, Shown];
  expect([made, hook]).toMatchObject([201, { url, name: "127.0.0.1", workflows: null, disabled: false, waiting: 0 }]);
  const at = `/api/webhooks/${hook.id}`;
  expect(await asAdmin("POST", `${at}/test`)).toMatchObject([200, { status: 200, error: null }]);
  expect(receiver.received[0]).toMatchObject({ method: "POST", path: "/in?key=hidden" });
  expect(JSON.parse(receiver.received[0]!.body)).toMatchObject({ type: "ping", data: { webhook: hook.id } });
  expect(await asAdmin("POST", `${at}/test`)).toMatchObject([200, { status: null, error: { code: "WEBHOOK_FAILED" } }]);
  expect(await asAdmin("PATCH", at, { disabled: true, workflows: ["sales"], name: "ops" })).toMatchObject([
    200,
    { url, name: "ops", workflows: ["sales"], disabled: true },
  ]);
  expect(await asAdmin("GET", at)).toMatchObject([200, { name: "ops" }]);
  expect(await asAdmin("GET", "/api/webhooks")).toMatchObject([200, { items: [{ name: "ops" }], next: null }]);
  expect((await asAdmin("DELETE", at))[0]).toBe(204);
  expect(await asAdmin("GET", at)).toMatchObject([404, { error: { code: "WEBHOOK_NOT_FOUND" } }]);
  const [, audit] = await asAdmin("GET", "/api/audit");
  const { items } = audit as { items: { action: string }[] };
  expect(items.map(({ action }) => action).toReversed()).toEqual([
    "secret.set",
    "webhook.create",
    "webhook.test",
    "webhook.test",
    "webhook.change",
    "webhook.remove",
  ]);
  expect(JSON.stringify(items)).not.toContain("hidden");
});

test("what may not be asked for is refused, and nothing is kept", async () => {
  const { asAdmin, ask, token } = await hookWorld();
  const good = { url: "https://hooks.example.com/x", secret: "hook-key", events: ["run.failed"] };
  const codes: string[] = [];
  for (const more of [
    { url: "https://10.1.2.3/x" },
    { url: "http://hooks.example.com/x" },
    { url: "https://me:pw@hooks.example.com/x" },
    { events: [] },
    { events: ["run.began"] },
    { secret: "" },
    { workflows: [] },
    { more: 1 },
  ]) {
    const [status, answer] = await asAdmin("POST", "/api/webhooks", { ...good, ...more });
    codes.push(`${status} ${(answer as { error: { code: string } }).error.code}`);
  }
  expect(codes).toEqual([
    "422 WEBHOOK_REFUSED",
    "400 BAD_WEBHOOK",
    "400 BAD_WEBHOOK",
    ...Array.from({ length: 5 }, () => "400 BAD_REQUEST"),
  ]);
  const limited = { authorization: `Bearer ${await token("admin", { tags: ["finance"] })}` };
  expect((await ask("/api/webhooks", { headers: limited })).status).toBe(403);
  expect((await ask("/api/webhooks", { method: "POST", headers: limited, body: good })).status).toBe(403);
  expect(await asAdmin("GET", "/api/webhooks")).toMatchObject([200, { items: [] }]);
});

test("a webhook is told what happens, and its messages are listed with their tries", async () => {
  const { asAdmin, engine, server } = await hookWorld();
  const receiver = await HttpReceiver.start(text(500));
  const hook = { url: receiver.url("/in"), secret: "hook-key", events: ["event.emitted"] };
  const [, { id }] = (await asAdmin("POST", "/api/webhooks", hook)) as [number, Shown];
  await engine.alerts.start();
  await asAdmin("POST", "/api/events/orders.received?key=o-17", { id: "o-17" });
  await engine.alerts.settled();
  const listed = async () =>
    ((await asAdmin("GET", `/api/alerts?webhook=${id}`))[1] as { items: { id: number }[] }).items;
  expect(await listed()).toMatchObject([
    { event: "event.emitted", receiver: "127.0.0.1", state: "trying", tries: 1, lastError: { code: "WEBHOOK_FAILED" } },
  ]);
  expect(await server.reader.webhooks.list()).toMatchObject([{ waiting: 1, deliveredAt: null }]);
  const [{ id: alert }] = (await listed()) as [{ id: number }];
  expect(receiver.received).toHaveLength(1);
  expect(JSON.parse(receiver.received[0]!.body)).toEqual({
    type: "event.emitted",
    timestamp: expect.any(String),
    data: { event: "orders.received", key: "o-17", payload: { id: "o-17" }, workflow: null, runId: null },
  });
  expect(receiver.received[0]!.headers["webhook-id"]).toMatch(new RegExp(`_${alert}$`));
});
