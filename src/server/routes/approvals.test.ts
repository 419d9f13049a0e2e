import { expect, test } from "vitest";
import { running, sampleGroup, sampleWait, T0 } from "../../testing/store-samples.ts";
import { newGroup, runId, testServer } from "../fixture.test-data.ts";

async function askingWorld() {
  const world = await testServer();
  const { sales } = await world.fill();
  const run = runId(7);
  const { store } = world.engine;
  const inserts = [running(sales.taskIds[0]!)];
  const [made] = await store.commit([{ ...newGroup(run, sales.id), inserts }]);
  const taskRun = made!.ids[0]!;
  const id = `${taskRun}-0123ab`;
  const question = { id, title: "Pay?", description: null, form: null, hasForm: false, by: ["operator"] };
  const ask = { ...question, askedAt: T0, dueAt: null, onTimeout: "reject" as const };
  const wait = sampleWait({ kind: "approval", approvals: [ask] });
  await store.commit([sampleGroup(run, 1, { changes: [{ id: taskRun, claim: 1, kind: "defer", wait, at: T0 + 3 }] })]);
  const json = async (target: string, asked: object) =>
    (await (await world.ask(`/api/approvals${target}`, asked)).json()) as object;
  return { ...world, id, run, json };
}

test("a question is listed, answered once by whom it names, and the first answer counts", async () => {
  const { json, id, run, reader } = await askingWorld();
  const open = { id, title: "Pay?", state: "open", workflow: "sales", runId: run, task: "extract", answer: null };
  expect(await json("", { as: "viewer" })).toMatchObject({ items: [open], next: null });
  const post = { method: "POST", body: { comment: "it is right" } };
  expect(await json(`/${id}/approve`, { ...post, as: "viewer" })).toMatchObject({
    error: { code: "APPROVAL_NOT_ALLOWED" },
  });
  expect(await json(`/${id}/approve`, { ...post, as: "operator" })).toMatchObject({
    state: "approved",
    answer: { by: "user:a.operator", comment: "it is right" },
  });
  expect(await json(`/${id}/reject`, { ...post, as: "admin" })).toMatchObject({ error: { code: "APPROVAL_ANSWERED" } });
  expect(await json(`/${id}`, { as: "viewer" })).toMatchObject({ state: "approved" });
  expect(await reader.access.audit({ limit: 10, action: "approval.approve" })).toMatchObject([{ target: id }]);
});

test("whoever may see some workflows sees no questions of the others", async () => {
  const { json, id, token } = await askingWorld();
  const headers = { authorization: `Bearer ${await token("operator", { tags: ["nothing"] })}` };
  expect(await json("", { headers })).toEqual({ items: [], next: null });
  expect(await json(`/${id}`, { headers })).toMatchObject({ error: { code: "APPROVAL_NOT_FOUND" } });
  expect(await json(`/${id}/approve`, { method: "POST", headers })).toMatchObject({
    error: { code: "APPROVAL_NOT_FOUND" },
  });
});
