import { expect, test } from "vitest";
import { scheduledVersion } from "../../testing/store-suite/schedule-facts.ts";
import { T0 } from "../../testing/store-samples.ts";
import { testServer } from "../fixture.test-data.ts";

interface Answered {
  readonly status: number;
  readonly runs: readonly object[];
  readonly items: readonly { readonly id: string | number; readonly ok: boolean }[];
  readonly more: boolean;
}

async function bulkWorld() {
  const world = await testServer();
  const filled = await world.fill();
  const limited = { authorization: `Bearer ${await world.token("operator", { tags: ["finance"] })}` };
  const post = async (target: string, body: object, headers?: Record<string, string>) => {
    const by = headers?.["authorization"] === undefined ? { as: "local" as const } : {};
    const answer = await world.ask(target, { ...by, method: "POST", body, ...(headers && { headers }) });
    return { status: answer.status, ...((await answer.json()) as Omit<Answered, "status">) };
  };
  const audited = async (action: string) =>
    (await world.reader.access.audit({ limit: 20, action })).map(({ target }) => target).toReversed();
  return { ...world, ...filled, limited, post, audited };
}

test("tasks of many runs are marked at once, each run with its own result, and once for each key", async () => {
  const { post, failed, other, audited, limited } = await bulkWorld();
  const body = { act: "mark", ids: [failed, other], tasks: ["load"], as: "skipped", reason: "not needed" };
  const key = { "idempotency-key": "k" };
  const expected = [
    { id: failed, ok: true, error: null },
    { id: other, ok: false, error: { code: "TASK_NOT_FOUND" } },
  ];
  expect(await post("/api/runs/bulk", body, key)).toMatchObject({ status: 200, runs: expected, more: false });
  expect(await post("/api/runs/bulk", { ...body, ids: [failed] }, key)).toMatchObject({ runs: expected.slice(0, 1) });
  expect(await audited("run.mark_task")).toEqual([failed]);
  expect(await post("/api/runs/bulk", body, limited)).toMatchObject({
    runs: [{ id: failed }, { id: other, ok: false, error: { code: "RUN_NOT_FOUND" } }],
  });
});

test("of a selection only the runs are meant to which it can be done", async () => {
  const { post, failed, going, other } = await bulkWorld();
  const chosen = async (act: string, more: object = {}) =>
    (await post("/api/runs/bulk", { act, selection: { workflow: ["sales", "ops"] }, dryRun: true, ...more })).runs;
  const all = [other, going, failed].map((id) => ({ id, ok: true, error: null }));
  expect(await chosen("clear", { tasks: ["load"] })).toEqual(all.slice(2));
  expect(await chosen("cancel", { tasks: ["load"] })).toEqual(all.slice(0, 2));
  expect(await chosen("mark", { tasks: ["load"], as: "failed" })).toEqual(all);
  expect(await chosen("retry")).toEqual(all.slice(2));
});

test("a task is cancelled in many runs, and the runs go on", async () => {
  const { post, going, failed, reader } = await bulkWorld();
  const answer = await post("/api/runs/bulk", { act: "cancel", ids: [going, failed], tasks: ["load"] });
  expect(answer.runs).toMatchObject([{ ok: true }, { ok: false, error: { code: "RUN_ENDED" } }]);
  const detail = (await reader.runDetail(going))!;
  expect(detail.run).toMatchObject({ state: "running", cancelRequested: false });
  expect(detail.taskRuns.find(({ task }) => task === "load")).toMatchObject({ state: "cancelled" });
});

test("backfills are paused, gone on with and cancelled together", async () => {
  const { post, engine, limited, audited } = await bulkWorld();
  const tagged = (name: string, tags: readonly string[]) => {
    const version = scheduledVersion(name, ["daily"]);
    return { ...version, manifest: { ...version.manifest, tags } };
  };
  const versions = [tagged("feed", ["finance"]), tagged("other", [])];
  await engine.deploy({ versions, keep: ["sales", "ops"], at: T0 });
  const ids: string[] = [];
  for (const workflow of ["feed", "other"]) {
    const range = { from: "2025-08-01", to: "2025-08-04" };
    const made = (await post("/api/backfills", { workflow, ...range })) as unknown as { id: string };
    ids.push(made.id);
  }
  const [feed, other] = ids as [string, string];
  const bulk = (body: object, headers?: Record<string, string>) => post("/api/backfills/bulk", body, headers);
  expect(await bulk({ act: "pause", ids }, limited)).toMatchObject({
    items: [
      { id: feed, ok: true },
      { id: other, ok: false, error: { code: "BACKFILL_NOT_FOUND" } },
    ],
  });
  const all = { workflow: ["feed", "other"] };
  expect((await bulk({ act: "pause", selection: all })).items).toMatchObject([{ id: other, ok: true }]);
  expect((await bulk({ act: "pause", selection: all })).items).toEqual([]);
  expect((await bulk({ act: "resume", selection: all, dryRun: true })).items).toHaveLength(2);
  expect((await bulk({ act: "resume", selection: all }, limited)).items).toMatchObject([{ id: feed, ok: true }]);
  const cancelled = await bulk({ act: "cancel", selection: { state: ["running", "paused"] } });
  expect(new Set(cancelled.items.map(({ id }) => id))).toEqual(new Set(ids));
  expect(await bulk({ act: "cancel", ids: [feed] })).toMatchObject({ items: [{ error: { code: "BACKFILL_ENDED" } }] });
  expect(await audited("backfill.pause")).toEqual([feed, other]);
});

test("what could not be told is told once more, all of it, or of one workflow", async () => {
  const { post, engine, failed, sales, limited, audited } = await bulkWorld();
  const { alerts } = engine.store;
  const about = (workflow: string, task: string) => ({
    workflow,
    runId: workflow === "sales" ? failed : null,
    versionId: sales.id,
    event: "failed" as const,
    task,
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
  });
  await alerts.add([about("sales", "load"), about("ops", "clean"), about("ops", "other")]);
  const claimed = (await alerts.claim({ limit: 2, leaseMs: 60_000 })).alerts;
  for (const each of claimed)
    await alerts.undelivered(each, { error: { name: "E", message: "no answer" }, againMs: null, instead: [] });
  const bulk = (body: object, headers?: Record<string, string>) => post("/api/alerts/bulk", body, headers);
  const all = { state: ["failed"] };
  expect((await bulk({ act: "retry", selection: all, dryRun: true })).items).toHaveLength(2);
  const [own] = (await bulk({ act: "retry", selection: { workflow: ["sales", "ops"] } }, limited)).items;
  expect(own).toMatchObject({ ok: true });
  const rest = (await bulk({ act: "retry", selection: all })).items;
  expect(rest).toMatchObject([{ ok: true }]);
  expect(await bulk({ act: "retry", ids: [own!.id, 4711] })).toMatchObject({
    items: [{ error: { code: "ALERT_NOT_FAILED" } }, { error: { code: "ALERT_NOT_FOUND" } }],
  });
  expect(await audited("alert.retry")).toEqual([String(own!.id), String(rest[0]!.id)]);
});

test("workflows are paused by their names, by a tag or a part of their name, and only those that one may see", async () => {
  const { post, limited, audited } = await bulkWorld();
  const bulk = (body: object, headers?: Record<string, string>) => post("/api/workflows/bulk", body, headers);
  expect(await bulk({ act: "pause", names: ["sales", "ops"] }, limited)).toMatchObject({
    items: [
      { id: "sales", ok: true },
      { id: "ops", ok: false, error: { code: "WORKFLOW_NOT_FOUND" } },
    ],
  });
  expect((await bulk({ act: "pause", selection: { tag: ["finance"] } })).items).toEqual([]);
  expect((await bulk({ act: "pause", selection: { q: "OP" } })).items).toMatchObject([{ id: "ops", ok: true }]);
  expect((await bulk({ act: "unpause", selection: { tag: ["finance", "none"] } })).items).toMatchObject([
    { id: "sales" },
  ]);
  expect(await audited("workflow.pause")).toEqual(["sales", "ops"]);
});
