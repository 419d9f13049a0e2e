import { expect, test } from "vitest";
import type { NewAlert } from "../../store/alerts.ts";
import { T0 } from "../../testing/store-samples.ts";
import { testServer } from "../fixture.test-data.ts";

const LOCAL = { as: "local" } as const;

async function alertWorld() {
  const world = await testServer();
  const { failed, sales } = await world.fill();
  const alert = (more: Partial<NewAlert>): NewAlert => ({
    workflow: "sales",
    runId: failed,
    versionId: sales.id,
    event: "failed",
    task: "load",
    handler: "1.failed.0",
    receiver: "slack #data",
    taskRunId: 2,
    attempt: 1,
    count: 1,
    error: { name: "Boom", message: "it broke" },
    at: T0,
    dueAt: T0,
    thenDueAt: T0,
    once: null,
    ...more,
  });
  const { alerts } = world.engine.store;
  await alerts.add([alert({}), alert({ workflow: "ops", runId: null, task: null, event: "problem" })]);
  const [claimed] = (await alerts.claim({ limit: 1, leaseMs: 60_000 })).alerts;
  await alerts.undelivered(claimed!, { error: { name: "E", message: "no answer" }, againMs: null, instead: [] });
  const get = async (target: string, headers?: Record<string, string>) =>
    (await (await world.ask(target, headers === undefined ? LOCAL : { headers })).json()) as {
      items: { id: number; workflow: string }[];
      next: string | null;
    };
  const retry = async (id: number) =>
    (await world.ask(`/api/alerts/${id}/retry`, { ...LOCAL, method: "POST" })).json() as Promise<object>;
  return { ...world, failed, get, retry };
}

test("alerts are listed by state, workflow and run, newest first", async () => {
  const { get, failed } = await alertWorld();
  const all = await get("/api/alerts");
  expect(all.items).toMatchObject([
    { workflow: "ops", event: "problem", state: "waiting", lastError: null },
    { workflow: "sales", state: "failed", tries: 1, dueAt: null, lastError: { message: "no answer" } },
  ]);
  expect((await get("/api/alerts?state=failed")).items).toHaveLength(1);
  expect((await get(`/api/alerts?run=${failed}`)).items).toMatchObject([{ workflow: "sales" }]);
  expect((await get("/api/alerts?workflow=ops,nothing")).items).toMatchObject([{ workflow: "ops" }]);
  const page = await get("/api/alerts?limit=1");
  expect((await get(`/api/alerts?limit=1&cursor=${page.next}`)).items).toMatchObject([{ workflow: "sales" }]);
});

test("one that has failed is told once more, and one that has not is not", async () => {
  const { get, retry, reader } = await alertWorld();
  const [waiting, failed] = (await get("/api/alerts")).items.map(({ id }) => id);
  expect(await retry(failed!)).toMatchObject({ id: failed, state: "trying", tries: 0 });
  expect(await retry(waiting!)).toMatchObject({ error: { code: "ALERT_NOT_FAILED" } });
  expect(await retry(4711)).toMatchObject({ error: { code: "ALERT_NOT_FOUND" } });
  const lines = await reader.access.audit({ limit: 10, action: "alert.retry" });
  expect(lines).toMatchObject([{ target: String(failed), actor: "local:ada" }]);
});

test("whoever may see some workflows sees what was told of these", async () => {
  const { get, token } = await alertWorld();
  const headers = { authorization: `Bearer ${await token("viewer", { tags: ["finance"] })}` };
  const [ops] = (await get("/api/alerts")).items;
  expect((await get("/api/alerts", headers)).items).toMatchObject([{ workflow: "sales" }]);
  expect((await get("/api/alerts?workflow=ops", headers)).items).toEqual([]);
  expect(await get(`/api/alerts/${ops!.id}`, headers)).toMatchObject({ error: { code: "ALERT_NOT_FOUND" } });
});
