import { expect, test } from "vitest";
import { planBackfill } from "../../core/backfill-plan.ts";
import { runIdFrom } from "../../core/run-id.ts";
import { TuttiClient } from "../../client/tutti-client.ts";
import { LOCAL_TOKEN, ORIGIN, newGroup, runId, testServer } from "../../server/fixture.test-data.ts";
import { LogWriter } from "../../engine/logs/log-writer.ts";
import { running, sampleGroup, sampleWait, T0 } from "../../testing/store-samples.ts";
import { scheduledVersion } from "../../testing/store-suite/schedule-facts.ts";
import { StoreAssetDesk } from "../asset-desk.ts";
import { NOBODY } from "../run-session.ts";
import { addKeyToFile } from "../secrets/key-ring.ts";
import { answerThere } from "./server-approvals.ts";
import { ServerAssetDesk } from "./server-asset-desk.ts";
import { ServerKept } from "./server-kept.ts";
import { ServerLogs } from "./server-logs.ts";
import { ServerSession } from "./server-session.ts";
import { ServerView } from "./server-view.ts";
import { ServerWebhookDesk } from "./server-webhook-desk.ts";
import { whyThere } from "./server-why.ts";

/** The commands' side of a server, without a socket between. */
async function remoteWorld() {
  const world = await testServer();
  const filled = await world.fill();
  const toApp = (async (input: URL, init: RequestInit) => {
    const headers = { host: "127.0.0.1:4747", ...(init.headers as object) };
    const answer = await world.app.request(input.href, { ...init, headers });
    // As a connection that is cut.
    return init.signal && answer.body
      ? new Response(answer.body.pipeThrough(new TransformStream(), { signal: init.signal }), answer)
      : answer;
  }) as typeof fetch;
  const client = new TuttiClient({ url: ORIGIN, token: LOCAL_TOKEN, fetch: toApp });
  return { ...world, ...filled, client, session: new ServerSession(client, ORIGIN), view: new ServerView(client) };
}

/** The API tells moments to the millisecond. */
const shown = <T>(records: readonly T[]): T[] =>
  records.map(
    (record) =>
      Object.fromEntries(
        Object.entries(record as object).map(([field, value]) => [
          field,
          field.endsWith("At") && typeof value === "number" ? value - (value % 1_000) : value,
        ]),
      ) as T,
  );

async function messagesOf(lines: AsyncIterable<{ readonly message: string }>): Promise<string[]> {
  const messages: string[] = [];
  for await (const { message } of lines) messages.push(message);
  return messages;
}

const codeOf = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => "done",
    (error: { code?: string }) => error.code ?? "none",
  );

test("single tasks of a run are marked, cleared and cancelled there, and the server says by whom", async () => {
  const { session, reader, failed, going } = await remoteWorld();
  await session.control(failed, { kind: "mark_task", task: "load", as: "skipped", reason: "not needed" }, NOBODY);
  const marked = (await reader.runDetail(failed))!.taskRuns.find(({ task }) => task === "load");
  expect(marked).toMatchObject({ state: "skipped", skipReason: "marked as skipped by local:ada: not needed" });
  await session.control(failed, { kind: "clear_tasks", tasks: ["load"], downstream: true }, NOBODY).catch(() => {});
  await session.control(going, { kind: "cancel_task", task: "load" }, NOBODY);
  expect(await codeOf(session.control(going, { kind: "cancel_task", task: "nothing" }, NOBODY))).toBe("TASK_NOT_FOUND");
  expect(
    await codeOf(session.control(going, { kind: "clear_tasks", tasks: ["load"], downstream: false }, NOBODY)),
  ).toBe("RUN_NOT_ENDED");
});

test("why a run is not further is told there as it is here", async () => {
  const { client, failed } = await remoteWorld();
  expect(await whyThere(client, failed, {})).toMatchObject({
    runId: failed,
    state: "failed",
    tasks: [{ task: "load", state: "failed", reasons: [{ kind: "failed" }] }],
  });
});

test("partitions of what a workflow makes are planned from what the server says, previewed and backfilled there", async () => {
  const { engine, session, view } = await remoteWorld();
  const version = scheduledVersion("regions", []);
  const partitions = { kind: "static", keys: ["emea", "apac", "latam"] } as const;
  const making = { produces: ["sales"], assets: [{ name: "sales", partitions }] };
  const tasks = version.manifest.tasks.map((task) => ({ ...task, ...making }));
  await engine.deploy({ versions: [{ ...version, manifest: { ...version.manifest, tasks } }], at: T0 });
  const { manifest } = (await view.latestVersion("regions"))!;
  const asked = { partition: "apac..latam" };
  const planned = planBackfill(manifest, asked, T0);
  const { order, reprocess } = planned.plan;
  const previewed: (string | undefined)[] = [];
  for await (const { partition } of view.previewBackfill({ workflow: "regions", order, reprocess, ...asked }))
    previewed.push(partition);
  expect(previewed).toEqual(["apac", "latam"]);
  const given = {
    ...planned,
    workflow: "regions",
    createdAt: T0,
    createdBy: "ada",
    id: runIdFrom(Date.now() * 1000, new Uint8Array(10)),
  };
  const made = await session.backfill({ kind: "create", version: null, asked, backfill: given });
  expect(made).toMatchObject({ total: 2, plan: { from: "apac", to: "latam", within: [] } });
});

test("pools are seen with who holds them, and get another size", async () => {
  const { session, view, engine, reader } = await remoteWorld();
  await engine.store.limits.declare([{ name: "orders_db", slots: 4 }], T0);
  const change = { slots: 8, by: "cli:me", at: T0 };
  expect(await session.resizePool({ name: "orders_db", ...change })).toMatchObject({ slots: 4 });
  expect(await session.resizePool({ name: "nothing", ...change })).toBeNull();
  expect(await view.limits.pools()).toEqual(shown(await reader.limits.pools()));
  expect(await view.limits.holders("nothing", 5)).toEqual([]);
});

test("connections and secrets are kept there, under the server's key", async () => {
  const { client, config, reader } = await remoteWorld();
  const kept = new ServerKept(client);
  const secret = {
    kind: "secret",
    name: "api key/1",
    value: "sw0rdfish",
    tags: ["finance"],
    description: "x",
  } as const;
  expect(await codeOf(kept.set(secret))).toBe("ENCRYPTION_KEY_MISSING");
  addKeyToFile(config.encryptionKeyFile);
  await kept.set(secret);
  await kept.set({ kind: "connection", name: "orders", value: "postgres://a:b@c/d", tags: null, description: null });
  expect(await kept.list("secret")).toEqual(shown(await reader.secrets.list("secret")));
  expect(await kept.list("connection")).toEqual(shown(await reader.secrets.list("connection")));
  expect([await kept.remove("secret", "api key/1"), await kept.remove("secret", "api key/1")]).toEqual([true, false]);
});

test("what a task asks is listed and answered there, by the token's owner", async () => {
  const { client, view, engine, sales, reader } = await remoteWorld();
  const inserts = [running(sales.taskIds[0]!)];
  const [made] = await engine.store.commit([{ ...newGroup(runId(7), sales.id), inserts }]);
  const id = `${made!.ids[0]}-0123ab`;
  const question = { id, title: "Pay?", description: null, form: null, hasForm: false, by: null };
  const ask = { ...question, askedAt: T0, dueAt: null, onTimeout: "reject" as const };
  const wait = sampleWait({ kind: "approval", approvals: [ask] });
  const change = { id: made!.ids[0]!, claim: 1, kind: "defer", wait, at: T0 + 3 } as const;
  await engine.store.commit([sampleGroup(runId(7), 1, { changes: [change] })]);
  expect(await view.listApprovals({ limit: 10 })).toEqual(await reader.listApprovals({ limit: 10 }));
  const reply = { id, approved: true, comment: "it is right" };
  expect(await answerThere(client, reply)).toMatchObject({ state: "approved", answer: { by: "local:ada" } });
  expect(await codeOf(answerThere(client, { id, approved: false }))).toBe("APPROVAL_ANSWERED");
});

test("webhooks are added, changed and removed there", async () => {
  const { client, reader } = await remoteWorld();
  const desk = new ServerWebhookDesk(client);
  const { id } = await desk.add({ url: "https://hooks.example.com/x", secret: "hook", events: ["run.failed"] });
  expect(await desk.change(id, { workflows: ["sales"], disabled: true })).toMatchObject({ disabled: true });
  expect(await desk.list()).toEqual(shown(await reader.webhooks.list()));
  expect(await desk.test(id)).toMatchObject({ status: null, error: { code: "SECRET_NOT_FOUND" } });
  await desk.remove(id);
  expect(await codeOf(desk.remove(id))).toBe("WEBHOOK_NOT_FOUND");
});

test("assets, what updated them and what each check found are the same there as here", async () => {
  const { client, engine, reader } = await remoteWorld();
  const sample = scheduledVersion("retail", ["daily"]);
  const [first, ...others] = sample.manifest.tasks;
  const made = {
    ...first!,
    produces: ["warehouse://sales"],
    consumes: ["shop://orders"],
    assets: [
      {
        name: "warehouse://sales",
        owner: "data",
        tags: ["daily"],
        freshness: { kind: "age" as const, withinMs: 7_200_000 },
      },
    ],
    checks: [{ asset: "warehouse://sales", name: "rows", description: "There are some.", blocking: true }],
  };
  const version = { ...sample, manifest: { ...sample.manifest, tasks: [made, ...others] } };
  await engine.deploy({ versions: [version], keep: ["sales", "ops"], at: T0 });
  const finding = { status: "fail", message: "none", metadata: null, blocking: true, tookMs: 1 };
  const event = (uid: string, more: object) => ({
    uid,
    kind: "asset" as const,
    name: "warehouse://sales",
    payload: null,
    key: null,
    partition: null,
    runId: null,
    at: T0,
    ...more,
  });
  await engine.store.events.record({
    starts: [],
    events: [
      event("1", { payload: '{"rows":3}', partition: "2026-11-20" }),
      event("2", { kind: "check", key: "rows", payload: JSON.stringify(finding) }),
      event("3", { kind: "check", key: "gone", payload: JSON.stringify({ ...finding, status: "pass" }) }),
    ],
  });
  const [here, there] = [new StoreAssetDesk(reader), new ServerAssetDesk(client)];
  expect(await there.all()).toEqual(await here.all());
  const asset = { asset: "warehouse://sales", limit: 10 };
  expect(await there.updates(asset)).toEqual(await here.updates(asset));
  expect(await there.updates({ ...asset, partition: "no such part" })).toEqual([]);
  expect(await there.findings(asset)).toEqual(await here.findings(asset));
  expect(await there.findings({ ...asset, check: "rows" })).toMatchObject([{ check: "rows", status: "fail" }]);
});

test("logs are read and followed there to their end, line by line and once", async () => {
  const { client, config, failed, going } = await remoteWorld();
  const writer = new LogWriter({ dir: config.logsDir, worker: "w" });
  const line = (runId: string, at: number) =>
    ({
      taskRunId: 1,
      claim: 1,
      runId,
      at: at * 1_000,
      level: "info",
      source: "log",
      message: `${at}`,
      fields: null,
    }) as const;
  for (let at = 1; at <= 2_500; at++) writer.add(line(failed, at));
  for (let at = 1; at <= 3; at++) writer.add(line(going, at));
  writer.flush();
  const logs = new ServerLogs(client);
  const all = Array.from({ length: 2_500 }, (_, place) => `${place + 1}`);
  expect(await messagesOf(logs.lines(failed))).toEqual(all);
  const hear = async (runId: string, signal: AbortSignal, heard: string[]) => {
    for await (const { message } of logs.follow(runId, { signal })) heard.push(message);
    return heard;
  };
  // It has ended: nobody has to say so.
  expect(await hear(failed, new AbortController().signal, [])).toEqual(all);
  const end = new AbortController();
  const heard: string[] = [];
  const following = hear(going, end.signal, heard);
  await expect.poll(() => heard, { timeout: 10_000 }).toEqual(["1", "2", "3"]);
  writer.add(line(going, 4));
  writer.close();
  await expect.poll(() => heard, { timeout: 10_000 }).toHaveLength(4);
  end.abort();
  expect(await following).toEqual(["1", "2", "3", "4"]);
});
