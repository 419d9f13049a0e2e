import { expect, test } from "vitest";
import { T0 } from "../../testing/store-samples.ts";
import { testServer } from "../fixture.test-data.ts";

const LOCAL = { as: "local" } as const;

async function controlWorld() {
  const world = await testServer();
  const filled = await world.fill();
  const post = async (run: string, body: object, headers: Record<string, string> = {}) => {
    const answer = await world.ask(`/api/runs/${run}/control`, { ...LOCAL, method: "POST", body, headers });
    return { status: answer.status, ...((await answer.json()) as object) };
  };
  const get = async (target: string) => (await (await world.ask(target, LOCAL)).json()) as object;
  return { ...world, ...filled, post, get };
}

test("a task counts as what it is marked with, once for each key, and why is to be read", async () => {
  const { post, get, failed, reader } = await controlWorld();
  const key = { "idempotency-key": "k" };
  const asked = { act: "mark", tasks: ["load"], as: "skipped", reason: "not needed" };
  expect(await post(failed, asked, key)).toMatchObject({ status: 200, id: failed, generation: 2 });
  expect(await post(failed, asked, key)).toMatchObject({ status: 200, generation: 2 });
  const { items } = (await get(`/api/runs/${failed}/task-runs?task=load`)) as { items: object[] };
  expect(items).toMatchObject([{ state: "skipped", skipReason: "marked as skipped by local:ada: not needed" }]);
  const lines = await reader.access.audit({ limit: 10, action: "run.mark_task" });
  expect(lines).toMatchObject([{ target: failed, actor: "local:ada" }]);
});

test("what can't be done to a run as it is is refused", async () => {
  const { post, failed, going } = await controlWorld();
  expect(await post(going, { act: "clear", tasks: ["load"] })).toMatchObject({ error: { code: "RUN_NOT_ENDED" } });
  expect(await post(failed, { act: "cancel", tasks: ["load"] })).toMatchObject({ error: { code: "RUN_ENDED" } });
  expect(await post(failed, { act: "clear", tasks: ["nothing"] })).toMatchObject({ error: { code: "TASK_NOT_FOUND" } });
  expect(await post(failed, { act: "mark", tasks: ["load"] })).toMatchObject({ error: { code: "BAD_REQUEST" } });
  expect(await post(failed, { act: "clear", tasks: [] })).toMatchObject({ error: { code: "BAD_REQUEST" } });
});

test("why a run failed, and why one goes on, is told as data", async () => {
  const { get, failed, going } = await controlWorld();
  expect(await get(`/api/runs/${failed}/why`)).toMatchObject({
    runId: failed,
    state: "failed",
    tasks: [{ task: "load", state: "failed", reasons: [{ kind: "failed" }] }],
  });
  expect(await get(`/api/runs/${going}/why?task=load`)).toMatchObject({ state: "running", tasks: [{ task: "load" }] });
  expect(await get(`/api/runs/${going}/why?mapIndex=1`)).toMatchObject({ error: { code: "BAD_REQUEST" } });
});

test("pools are listed, and given another size", async () => {
  const { ask, get, engine, token } = await controlWorld();
  await engine.store.limits.declare([{ name: "orders_db", slots: 4 }], T0);
  expect(await get("/api/pools")).toMatchObject({ items: [{ name: "orders_db", slots: 4, used: 0, holders: [] }] });
  const resize = (name: string, headers?: Record<string, string>) =>
    ask(`/api/pools/${name}`, { method: "PATCH", body: { slots: 8 }, ...(headers ? { headers } : LOCAL) });
  expect(await (await resize("orders_db")).json()).toMatchObject({ slots: 8, declared: 4, changedBy: "local:ada" });
  expect(await (await resize("nothing")).json()).toMatchObject({ error: { code: "POOL_UNKNOWN" } });
  const limited = { authorization: `Bearer ${await token("editor", { tags: ["finance"] })}` };
  expect((await resize("orders_db", limited)).status).toBe(403);
});
