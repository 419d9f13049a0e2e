import { afterEach, beforeEach, expect, test } from "vitest";
import { type Answer, HttpReceiver, json, text } from "../../../test/support/http-receiver.ts";
import { setConnectionResolver } from "../../authoring/connection.ts";
import { http } from "./index.ts";

let crmUrl: unknown;
let before: ReturnType<typeof setConnectionResolver>;
beforeEach(() => {
  before = setConnectionResolver(() => crmUrl);
});
afterEach(() => void setConnectionResolver(before));

const crm = http("crm");

async function serving(...answers: readonly Answer[]): Promise<HttpReceiver> {
  const receiver = await HttpReceiver.start(...answers);
  crmUrl = receiver.url("/api");
  return receiver;
}

/** At once, so that a test of retries does not wait. */
const AT_ONCE = { "retry-after": "0" };

test("a call is its method, its path under the connection's URL, its query, its body as JSON", async () => {
  const server = await serving(json(200, [{ id: 1 }]));
  const reply = await crm.get<{ id: number }[]>("/orders", {
    query: { day: "2025-08-12", sku: ["a", "b"], no: undefined },
  });
  expect(reply).toMatchObject({ status: 200, body: [{ id: 1 }], headers: { "content-type": "application/json" } });
  await crm.post("orders", { id: 2 });
  await crm.put("/orders/2", "text");
  await crm.patch("/orders/2", new URLSearchParams({ a: "b c" }));
  await crm.delete("/orders/2?soft=1");
  expect(
    server.received.map(({ method, path, body, headers }) => [method, path, body, headers["content-type"]]),
  ).toEqual([
    ["GET", "/api/orders?day=2025-08-12&sku=a&sku=b", "", undefined],
    ["POST", "/api/orders", '{"id":2}', "application/json"],
    ["PUT", "/api/orders/2", "text", "text/plain;charset=UTF-8"],
    ["PATCH", "/api/orders/2", "a=b+c", "application/x-www-form-urlencoded;charset=UTF-8"],
    ["DELETE", "/api/orders/2?soft=1", "", undefined],
  ]);
});

test.each([
  ["user:p%40ss@", {}, { authorization: `Basic ${btoa("user:p@ss")}` }],
  [":tok%2Fen@", {}, { authorization: "Bearer tok/en" }],
  ["user:token@", { auth: "bearer" }, { authorization: "Bearer token" }],
  [":token@", { auth: { header: "X-Api-Key" } }, { "x-api-key": "token" }],
] as const)("%s in the URL is how a request says who sends it", async (credentials, options, expected) => {
  const server = await serving(text(204));
  crmUrl = server.url("/", credentials);
  expect((await http("crm", options).get("/")).body).toBeNull();
  expect(server.received[0]?.headers).toMatchObject(expected);
});

test("what is safe to repeat is repeated; a POST is not, unless its server knows a repeat by its key", async () => {
  const busy = await serving(text(500, "", AT_ONCE), text(503, "", AT_ONCE), json(200, "done"));
  expect((await crm.get("/")).body).toBe("done");
  expect(busy.received).toHaveLength(3);

  const once = await serving(text(500, "broken", AT_ONCE), json(200, "done"));
  await expect(crm.post("/", {})).rejects.toMatchObject({ code: "HTTP_FAILED", status: 500, body: "broken" });
  expect(once.received).toHaveLength(1);

  const keyed = await serving(text(502, "", AT_ONCE), json(200, "done"));
  expect((await crm.post("/", {}, { idempotencyKey: "run-1" })).body).toBe("done");
  expect(keyed.received.map(({ headers }) => headers["idempotency-key"])).toEqual(["run-1", "run-1"]);

  const limited = await serving(text(429, "", AT_ONCE), json(200, "done"));
  expect((await crm.post("/", {})).body).toBe("done");
  expect(limited.received).toHaveLength(2);
});

test("a server that fails for ever gets four tries, and the error says what it answered", async () => {
  const server = await serving(text(500, "<h1>\n Oops</h1>", AT_ONCE));
  await expect(crm.get("/orders?token=secret")).rejects.toMatchObject({
    code: "HTTP_FAILED",
    message: 'Connection "crm": GET /orders answered 500: <h1> Oops</h1>',
  });
  expect(server.received).toHaveLength(4);
});

test("a 4xx is final", async () => {
  const server = await serving(json(404, { error: "no such order" }));
  await expect(crm.get("/orders/9")).rejects.toMatchObject({
    status: 404,
    message: expect.stringContaining("no such order"),
  });
  expect(server.received).toHaveLength(1);
});

test("a server that asks for more than a minute hands the wait to the task's retries", async () => {
  await serving(text(429, "", { "retry-after": "3600" }));
  await expect(crm.get("/")).rejects.toMatchObject({
    name: "RetryAfter",
    delayMs: 3_600_000,
    cause: { code: "HTTP_FAILED" },
  });
  await serving(text(503, "", { "retry-after": new Date(Date.now() + 7_200_000).toUTCString() }));
  await expect(crm.get("/")).rejects.toMatchObject({ name: "RetryAfter" });
});

test("nobody there, a server that hangs up, one that never answers: each has its error", async () => {
  const gone = await serving(text(200));
  await gone.close();
  await expect(http("crm", { tries: 1 }).post("/", {})).rejects.toMatchObject({
    code: "HTTP_UNREACHABLE",
    unsent: true,
    message: expect.stringContaining("ECONNREFUSED"),
  });

  const rude = await serving((_, response) => response.destroy());
  await expect(crm.post("/", {})).rejects.toMatchObject({ code: "HTTP_UNREACHABLE", unsent: false });
  expect(rude.received).toHaveLength(1);

  const silent = await serving(() => {});
  await expect(crm.post("/", {}, { timeout: 50 })).rejects.toMatchObject({
    code: "HTTP_TIMED_OUT",
    message: 'Connection "crm": POST / gave no whole answer within 50 ms.',
  });
  expect(silent.received).toHaveLength(1);

  // The head of an answer, and then nothing more.
  await serving((_, response) => void response.writeHead(200).write("{"));
  await expect(crm.post("/", {}, { timeout: 50 })).rejects.toMatchObject({ code: "HTTP_TIMED_OUT" });
});

test("a request ends with its signal, also while it waits for its next try", async () => {
  const stop = new AbortController();
  await serving((_, response) => {
    response.writeHead(503, { "retry-after": "30" }).end();
    setImmediate(() => stop.abort(new Error("cancelled")));
  });
  await expect(crm.get("/", { signal: stop.signal })).rejects.toThrow("cancelled");
});

test.each([
  "//evil.example/x",
  "http://evil.example/x",
  "../admin",
  "/../admin",
  "/orders/../../admin",
  "/%2e%2e/admin",
  "/orders/%2e%2e%2fadmin",
  "/orders\\..\\admin",
])("the path %s does not leave the connection's URL", async (path) => {
  const server = await serving(text(200));
  await expect(crm.get(path)).rejects.toMatchObject({ code: "HTTP_REFUSED" });
  expect(server.received).toEqual([]);
});

test("a redirect is followed to the same server by what reads, and nowhere else: credentials stay", async () => {
  const other = await HttpReceiver.start(text(200, "stolen"));
  const server = await serving(text(302, "", { location: "/api/new?x=1" }), text(200, "found"));
  crmUrl = server.url("/api", ":secret@");
  expect((await crm.get("/old")).body).toBe("found");
  expect(server.received[1]).toMatchObject({ path: "/api/new?x=1", headers: { authorization: "Bearer secret" } });

  await serving(text(302, "", { location: other.url("/steal") }));
  await expect(crm.get("/old")).rejects.toThrow(
    /answered 302: a redirect that is not followed, to http:\/\/127\.0\.0\.1:\d+/,
  );
  await serving(text(307, "", { location: "/api/new" }));
  await expect(crm.post("/old", {})).rejects.toMatchObject({ status: 307 });
  const loop = await serving(text(302, "", { location: "/api/old" }));
  await expect(crm.get("/old")).rejects.toMatchObject({ status: 302 });
  expect([loop.received.length, other.received.length]).toEqual([6, 0]);
});

test("an answer larger than it may be is refused, and read as a stream instead", async () => {
  const big = "x".repeat(200_000);
  await serving(text(200, big));
  await expect(http("crm", { maxBytes: 100_000 }).get("/")).rejects.toMatchObject({ code: "HTTP_BODY_TOO_LARGE" });
  const stream = await http("crm", { maxBytes: 100_000, timeout: 1_000 }).download("/");
  let bytes = 0;
  for await (const chunk of stream) bytes += chunk.byteLength;
  expect(bytes).toBe(big.length);
});

test("an answer that is said to be JSON and is not has its error", async () => {
  await serving(text(200, "<html>", { "content-type": "application/json" }));
  await expect(crm.get("/")).rejects.toMatchObject({ code: "HTTP_BODY_UNREADABLE" });
});

test.each([
  ["ftp://host", "CONNECTION_URL_REFUSED"],
  ["secret-token", "CONNECTION_URL_REFUSED"],
  [undefined, "CONNECTION_UNKNOWN"],
  [{ post: async () => ({}) }, "FAKE_INCOMPLETE"],
])("the connection %j is refused with %s, and shows nothing of it", async (url, code) => {
  crmUrl = url;
  const error = await crm.get("/").catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code });
  expect(String(error)).not.toContain("secret");
});

test("a header that HTTP does not take is named without its value", async () => {
  const server = await serving(text(200));
  const error = await crm.get("/", { headers: { "x-note": "secret\r\nx-evil: 1" } }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: "HTTP_REFUSED", message: expect.stringContaining('"x-note"') });
  expect(String(error)).not.toContain("secret");
  expect(server.received).toEqual([]);
});

test("a test's fake is called as the task called the handle", async () => {
  const calls: unknown[] = [];
  crmUrl = { get: async (...args: unknown[]) => (calls.push(args), { status: 200, headers: {}, body: 7 }) };
  expect(await crm.get("/orders", { query: { a: 1 } })).toMatchObject({ body: 7 });
  expect(calls).toEqual([["/orders", { query: { a: 1 } }]]);
});
