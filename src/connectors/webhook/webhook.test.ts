import { createHmac } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { HttpReceiver, text } from "../../../test/support/http-receiver.ts";
import { setConnectionResolver } from "../../authoring/connection.ts";
import { sampleAlert } from "../notify/alert-sample.test-data.ts";
import { webhook } from "./index.ts";

let url: unknown;
let before: ReturnType<typeof setConnectionResolver>;
beforeEach(() => {
  before = setConnectionResolver(() => url);
});
afterEach(() => void setConnectionResolver(before));

const ops = webhook("ops");

test.each([
  ["whsec_c2VjcmV0", Buffer.from("secret")],
  ["just-text", Buffer.from("just-text")],
])("with the secret %s each message is signed", async (secret, key) => {
  const server = await HttpReceiver.start(text(204));
  url = server.url("/hook", `:${secret}@`);
  expect(await ops.send("sales.loaded", { rows: 3 }, { id: "run 1.2" })).toEqual({ id: "run_1_2" });
  const { body = "", headers = {} } = server.received[0] ?? {};
  expect(JSON.parse(body)).toEqual({ type: "sales.loaded", timestamp: expect.any(String), data: { rows: 3 } });
  const signed = createHmac("sha256", key)
    .update(`run_1_2.${String(headers["webhook-timestamp"])}.${body}`)
    .digest("base64");
  expect(headers).toMatchObject({
    "webhook-id": "run_1_2",
    "webhook-signature": `v1,${signed}`,
    "content-type": "application/json",
  });
  expect(headers).not.toHaveProperty("authorization");
});

test("with a user it is basic authentication, with neither it is open", async () => {
  const server = await HttpReceiver.start(text(204));
  url = server.url("/hook", "user:pass@");
  await ops.send("a", {});
  url = server.url("/hook");
  const { id } = await ops.send("a", {});
  expect(server.received.map(({ headers }) => [headers.authorization, headers["webhook-signature"]])).toEqual([
    [`Basic ${btoa("user:pass")}`, undefined],
    [undefined, undefined],
  ]);
  expect(server.received[1]?.headers["webhook-id"]).toBe(id);
});

test("a receiver that fails gets the same message again, under the same id, and then the error", async () => {
  const server = await HttpReceiver.start(text(500, "down", { "retry-after": "0" }));
  url = server.url("/hook", ":secret-secret@");
  const error = await ops.send("a", {}, { id: "1" }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({
    code: "HTTP_FAILED",
    status: 500,
    message: 'The webhook of connection "ops" answered 500: down',
  });
  expect(server.received.map(({ headers }) => headers["webhook-id"])).toEqual(["1", "1", "1", "1"]);
});

test("as a notifier it sends the alert with its message, or what a template makes of it", async () => {
  const server = await HttpReceiver.start(text(204));
  url = server.url("/hook");
  await ops.notify(sampleAlert());
  await webhook("ops", { template: ({ key }) => ({ key }) }).notify(sampleAlert({ event: "succeeded" }));
  const [first, second] = server.received.map(({ body }) => JSON.parse(body) as object);
  expect(first).toMatchObject({
    type: "alert.failed",
    data: { key: "retail/load/2025-08-12", at: "2025-08-13T06:01:02.000Z", message: { title: "retail / load failed" } },
  });
  expect(second).toMatchObject({ type: "alert.succeeded", data: { key: "retail/load/2025-08-12" } });
  expect(server.received[0]?.headers["webhook-id"]).toBe("alert-1");
});
