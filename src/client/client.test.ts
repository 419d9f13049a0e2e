import { expect, expectTypeOf, test } from "vitest";
import { LOCAL_TOKEN, ORIGIN, testServer } from "../server/fixture.test-data.ts";
import { TuttiClient } from "./index.ts";

async function clientWorld(limits: { readonly tries?: number } = {}) {
  const world = await testServer(limits);
  const filled = await world.fill();
  const toApp = ((input: URL, init: RequestInit) =>
    world.app.request(input.href, {
      ...init,
      headers: { host: "127.0.0.1:4747", ...(init.headers as object) },
    })) as typeof fetch;
  const client = (token: string) => new TuttiClient({ url: ORIGIN, token, fetch: toApp });
  return { ...world, ...filled, client, tutti: client(LOCAL_TOKEN) };
}

test("what is asked and answered has the types of the server's schemas", async () => {
  const { tutti, failed, going } = await clientWorld();
  const { items, next } = await tutti.get("/api/runs", { query: { state: ["failed", "running"], limit: 5 } });
  expectTypeOf(items[0]!.state).toEqualTypeOf<"queued" | "running" | "succeeded" | "failed" | "cancelled">();
  expectTypeOf(next).toEqualTypeOf<string | null>();
  expect(items).toHaveLength(3);
  const run = await tutti.get("/api/runs/{run}", { params: { run: failed } });
  expect(run).toMatchObject({ id: failed, workflow: "sales", tasks: { failed: 1, succeeded: 1 } });
  expect(await tutti.post("/api/runs/{run}/cancel", { params: { run: going } })).toMatchObject({ state: "cancelled" });
  // @ts-expect-error there is no such path
  await tutti.get("/api/nothing").catch(() => {});
  // @ts-expect-error the run must be named
  await tutti.get("/api/runs/{run}").catch(() => {});
  // @ts-expect-error a run has no such state
  await tutti.get("/api/runs", { query: { state: ["winning"] } }).catch(() => {});
});

test("asked twice under one key, one run is started; for something else, the key is refused", async () => {
  const { tutti } = await clientWorld();
  const body = { workflow: "sales", date: "2025-08-12" };
  const first = await tutti.post("/api/runs", { body, key: "k1" });
  const second = await tutti.post("/api/runs", { body, key: "k1" });
  const third = await tutti.post("/api/runs", { body });
  expect(second.id).toBe(first.id);
  expect(third.id).not.toBe(first.id);
  await expect(tutti.post("/api/runs", { body: { workflow: "ops" }, key: "k1" })).rejects.toMatchObject({
    code: "KEY_REUSED",
    status: 409,
  });
});

test("a retry under one key is one generation, and of two who retry at once one is told", async () => {
  const { tutti, failed } = await clientWorld();
  const retry = (key?: string) =>
    tutti.post("/api/runs/{run}/retry", { params: { run: failed }, body: {}, ...(key === undefined ? {} : { key }) });
  expect((await retry("r")).generation).toBe(2);
  expect((await retry("r")).generation).toBe(2);
  await expect(retry()).rejects.toMatchObject({ code: "RUN_NOT_ENDED", status: 409 });
});

test("of two people who retry one run at the same moment one does, and the other is told that it goes on", async () => {
  const { token, client, failed, reader } = await clientWorld();
  const [ada, bob] = [client(await token("operator")), client(await token("operator"))];
  const retries = [ada, bob].map((who) => who.post("/api/runs/{run}/retry", { params: { run: failed }, body: {} }));
  const [done, refused] = (await Promise.allSettled(retries)).toSorted((a) => (a.status === "fulfilled" ? -1 : 1));
  expect(done).toMatchObject({ status: "fulfilled", value: { generation: 2 } });
  expect(refused).toMatchObject({ status: "rejected", reason: { code: "RUN_NOT_ENDED", status: 409 } });
  expect((await reader.runHead(failed))!.run.generation).toBe(2);
  expect(await reader.access.audit({ limit: 10, action: "run.retry" })).toHaveLength(1);
});

test("every act has its line in the audit log, with who and what", async () => {
  const { tutti, going, failed } = await clientWorld();
  await tutti.post("/api/workflows/{workflow}/pause", { params: { workflow: "sales" } });
  await tutti.post("/api/workflows/{workflow}/pause", { params: { workflow: "sales" } });
  await tutti.post("/api/runs/bulk", { body: { act: "cancel", selection: { workflow: ["sales"] } } });
  await tutti.post("/api/runs/{run}/retry", { params: { run: failed }, body: { fresh: true } });
  await tutti.post("/api/users", { body: { name: "bob", role: "viewer", password: "a long password" } });
  await tutti.patch("/api/users/{user}", { params: { user: "bob" }, body: { role: "operator", tags: ["finance"] } });
  await tutti.delete("/api/users/{user}", { params: { user: "bob" } });
  const { items } = await tutti.get("/api/audit");
  expect(items.map(({ action, target }) => `${action} ${target}`).toReversed()).toEqual([
    "workflow.pause sales",
    `run.cancel ${going}`,
    `run.retry ${failed}`,
    "user.create bob",
    "user.change bob",
    "user.remove bob",
  ]);
  expect(items.every(({ actor }) => actor === "local:ada")).toBe(true);
  expect(items[1]).toMatchObject({
    before: { role: "viewer", tags: null, disabled: false },
    after: { role: "operator", tags: ["finance"], disabled: false },
  });
  expect(JSON.stringify(items)).not.toContain("a long password");
});

test("a user signs in, is who he is, and out again; the password is not guessed for long", async () => {
  const { ask, tutti } = await clientWorld({ tries: 3 });
  await tutti.post("/api/users", { body: { name: "carla", role: "operator", password: "a long password" } });
  const signIn = (password: string) => ask("/api/session", { method: "POST", body: { name: "carla", password } });
  expect((await signIn("another password")).status).toBe(401);
  const answer = await signIn("a long password");
  const { csrf } = (await answer.json()) as { csrf: string };
  const cookie = answer.headers.get("set-cookie")!;
  expect(cookie).toMatch(/HttpOnly/);
  expect(cookie).toMatch(/SameSite=Strict/);
  const headers = { cookie: cookie.split(";")[0]!, "x-tutti-csrf": csrf };
  expect(await (await ask("/api/session", { headers })).json()).toMatchObject({ user: "carla", role: "operator" });
  expect((await ask("/api/session", { method: "DELETE", headers })).status).toBe(204);
  expect((await ask("/api/session", { headers })).status).toBe(401);
  const statuses = await Promise.all(Array.from({ length: 3 }, async () => (await signIn("guessed guessed")).status));
  expect(statuses).toContain(429);
});

test("the first admin is made once, with the key that was printed", async () => {
  const { ask } = await testServer();
  const setUp = (key: string, name: string) =>
    ask("/api/session/first", { method: "POST", body: { key, name, password: "a long password" } });
  expect((await setUp("guessed", "eve")).status).toBe(401);
  expect((await setUp("the-key-that-was-printed", "ada")).status).toBe(201);
  expect((await setUp("the-key-that-was-printed", "eve")).status).toBe(409);
});

test("events come as they happen, to a client that only iterates", async () => {
  const { tutti, going } = await clientWorld();
  const events = tutti.events(["runs"]);
  expect((await events.next()).value).toMatchObject({ event: "snapshot", data: { topic: "runs" } });
  await tutti.post("/api/runs/{run}/cancel", { params: { run: going } });
  expect((await events.next()).value).toMatchObject({
    event: "delta",
    data: { run: { id: going, state: "cancelled" } },
  });
  await events.return(undefined);
});
