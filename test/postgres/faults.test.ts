import { setTimeout as pause } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { AnyConfig } from "../../src/owner/any-place.ts";
import { openView, reopenView } from "../../src/owner/open-work.ts";
import {
  migratePostgres,
  openPostgresReader,
  openPostgresStore,
  openPostgresWakeUps,
} from "../../src/store/postgres/open-postgres-store.ts";
import { migrationName } from "../../src/store/migrate.ts";
import { postgresMigrations } from "../../src/store/postgres/migrator.ts";
import type { RunGroup, Store, VersionRecord } from "../../src/store/store.ts";
import {
  finished,
  queued,
  running,
  sampleGroup,
  sampleRun,
  sampleRunId,
  sampleVersion,
} from "../../src/testing/store-samples.ts";
import { PostgresProxy } from "../support/postgres-proxy.ts";
import { PostgresServer } from "../support/postgres-server.ts";

const RUN = sampleRunId(1);
const COMMIT = /commit_groups/;

let server: PostgresServer;
let proxy: PostgresProxy;
let name: string;
let version: VersionRecord;
let direct: Store;
let store: Store;
let cleanUp: (() => Promise<void>)[];

beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(() => server.stop());

beforeEach(async () => {
  proxy = await PostgresProxy.start(server.port);
  const made = await server.makeDatabase();
  name = made.name;
  await migratePostgres({ url: made.url });
  direct = await openPostgresStore({ url: made.url });
  store = await openPostgresStore({ url: server.url(name, { port: proxy.port }) });
  version = await direct.registerVersion(sampleVersion("sales", ["a", "b", "c"]));
  cleanUp = [() => store.close(), () => direct.close(), () => proxy.close()];
});
afterEach(async () => {
  for (const step of cleanUp.toReversed()) await step();
});

const begin = (runId = RUN, more: Partial<RunGroup> = {}): RunGroup =>
  sampleGroup(runId, 0, { create: sampleRun(runId, version.id), inserts: [running(version.taskIds[0]!)], ...more });

const rowsOf = async (runId = RUN) => (await direct.loadRun(runId))?.taskRuns.length ?? 0;

describe("an answer that was lost", () => {
  test("a commit that was applied is said to be, with its ids, and is not applied again", async () => {
    proxy.loseAnswerTo(COMMIT);
    const [result] = await store.commit([begin()]);

    const loaded = (await direct.loadRun(RUN))!;
    expect(result).toEqual({ applied: true, ids: loaded.taskRuns.map((row) => row.id) });
    expect([loaded.run.revision, loaded.taskRuns.length]).toEqual([1, 1]);
  });

  test("which of its claims had no room is known all the same", async () => {
    await store.limits.declare([{ name: "db", slots: 1 }], 0);
    const inserts = version.taskIds.slice(0, 2).map((id) => queued(id));
    const [made] = await store.commit([begin(RUN, { inserts })]);
    proxy.loseAnswerTo(/commit_with/);

    const changes = made!.ids.map((id) => ({ kind: "claim", id, claim: 0, worker: "w", at: 0 }) as const);
    const use = { claim: 0, name: "pool db", slots: 1, max: null, perMs: null };
    const uses = made!.ids.map((taskRunId) => ({ ...use, taskRunId }));
    const [result] = await store.commit([sampleGroup(RUN, 1, { changes, uses })]);
    expect(result).toEqual({ applied: true, ids: [], refused: [made!.ids[1]] });
  });

  test("which of its groups were dropped is known all the same", async () => {
    await store.commit([begin(), begin(sampleRunId(2))]);
    const ids = [(await direct.loadRun(RUN))!.taskRuns[0]!.id, (await direct.loadRun(sampleRunId(2)))!.taskRuns[0]!.id];
    proxy.loseAnswerTo(COMMIT);

    const results = await store.commit([
      sampleGroup(RUN, 9, { changes: [finished(ids[0]!, 1)] }),
      sampleGroup(sampleRunId(2), 1, { changes: [finished(ids[1]!, 1)] }),
    ]);
    expect(results.map(({ applied }) => applied)).toEqual([false, true]);
  });

  test("a commit that never arrived is sent again, and comes too late when it arrives after all", async () => {
    proxy.holdBack(COMMIT);
    expect(await store.commit([begin()])).toMatchObject([{ applied: true }]);
    proxy.release();
    await pause(100);

    expect(await rowsOf()).toBe(1);
    expect(await direct.loadRun(RUN)).toMatchObject({ run: { revision: 1 } });
    expect(await store.commit([sampleGroup(RUN, 1)])).toMatchObject([{ applied: true }]);
  });

  test("a commit that was given up and comes while it is sent again is refused", async () => {
    proxy.holdBack(COMMIT, { next: true });
    const committing = store.commit([begin()]);
    await expect.poll(() => proxy.held).toBe(2);
    proxy.release();
    await pause(100);
    expect(await rowsOf()).toBe(0);
    proxy.release();

    expect(await committing).toMatchObject([{ applied: true }]);
    expect(await rowsOf()).toBe(1);
  });

  test("while nobody can be asked the batch is refused, and tried again it says what became of it", async () => {
    const groups = [begin()];
    proxy.loseAnswerTo(COMMIT, { away: true });
    await expect(store.commit(groups)).rejects.toMatchObject({ code: "STORE_UNREACHABLE" });
    await expect(store.commit(groups)).rejects.toMatchObject({ code: "STORE_UNREACHABLE" });
    expect(await rowsOf()).toBe(1);

    proxy.away = false;
    expect(await store.commit(groups)).toMatchObject([{ applied: true, ids: [expect.any(Number)] }]);
    expect(await rowsOf()).toBe(1);
  });

  test("runs and task runs that were given to one asker are given to it again", async () => {
    await direct.commit([
      begin(RUN, {
        inserts: [queued(version.taskIds[0]!)],
        offers: [{ taskRun: { insert: 0 }, claim: 0, queue: "q", priority: 0 }],
      }),
    ]);
    const scheduler = await store.fleet.joinScheduler({ name: "s", leaseMs: 10_000 });
    await store.fleet.keepWorker({ name: "w", queues: ["q"], slots: 1, labels: {}, release: "0.1.0" }, 10_000);
    proxy.loseAnswerTo(/revision = r.revision \+ 1/);
    expect(await store.fleet.takeRuns(scheduler, 5)).toEqual([RUN]);
    expect(await store.fleet.takeRuns(scheduler, 5)).toEqual([]);

    proxy.loseAnswerTo(/claim_offers/);
    expect(await store.fleet.claimOffers({ worker: "w", queues: ["q"], limit: 5 })).toMatchObject([
      { runId: RUN, taskRun: { claim: 1 } },
    ]);
    expect(await store.fleet.claimOffers({ worker: "w", queues: ["q"], limit: 5 })).toEqual([]);
  });

  test("a question that never arrived does not bring again what the one before it brought", async () => {
    const inserts = [queued(version.taskIds[0]!)];
    const offers = [{ taskRun: { insert: 0 }, claim: 0, queue: "q", priority: 0 }];
    await direct.commit([begin(RUN, { inserts, offers })]);
    await store.fleet.keepWorker({ name: "w", queues: ["q"], slots: 1, labels: {}, release: "0.1.0" }, 10_000);
    expect(await store.fleet.claimOffers({ worker: "w", queues: ["q"], limit: 5 })).toHaveLength(1);

    proxy.holdBack(/claim_offers/);
    expect(await store.fleet.claimOffers({ worker: "w", queues: ["q"], limit: 5 })).toEqual([]);
    expect(await store.fleet.claimOffers({ worker: "w", queues: ["q"], limit: 5 })).toEqual([]);
  });
});

describe("a server that goes away", () => {
  test.each(["restart", "crash"] as const)("a %s under writes loses nothing and repeats nothing", async (how) => {
    const life = { ended: false };
    const written: string[] = [];
    const writing = (async () => {
      for (let run = 0; !life.ended; run += 1) {
        const groups = [begin(sampleRunId(run * 2)), begin(sampleRunId(run * 2 + 1))];
        // As the engine does: the same batch until it is taken.
        for (;;) {
          const results = await store.commit(groups).catch((error: { code?: string }) => error);
          if (Array.isArray(results)) {
            expect(results.map((result) => (result as { applied: boolean }).applied)).toEqual([true, true]);
            break;
          }
          expect(results).toMatchObject({ code: expect.stringMatching(/^STORE_(UNREACHABLE|BUSY)$/) });
        }
        written.push(...groups.map((group) => group.runId));
      }
    })();
    await expect.poll(() => written.length).toBeGreaterThan(4);
    await server[how](300);
    // A reader has patience, too.
    expect((await store.loadRun(sampleRunId(0)))?.run.revision).toBe(1);
    life.ended = true;
    await writing;

    expect(await direct.unfinishedRuns()).toEqual(written);
    const [{ rows }] = (await server.execute<{ rows: string }>(
      name,
      "select count(*) as rows from tutti.task_run",
    )) as [{ rows: string }];
    expect(Number(rows)).toBe(written.length);
  });

  test("a line that swallows what is said is given up, and the same is asked on another", async () => {
    const hasty = await openPostgresStore({ url: server.url(name, { port: proxy.port }), answerMs: 300 });
    cleanUp.push(() => hasty.close());
    await hasty.loadRun(RUN);
    proxy.swallow();
    expect(await hasty.commit([begin()])).toMatchObject([{ applied: true }]);
    proxy.swallow();
    expect((await hasty.loadRun(RUN))?.taskRuns).toHaveLength(1);
  });

  test("whoever opens it first is refused at once, and who only looks up what it has followed to its end waits", async () => {
    const url = server.url(name, { port: proxy.port });
    const config = { store: { kind: "postgres", url, directUrl: url } } as unknown as AnyConfig;
    proxy.away = true;
    await expect(openView(config)).rejects.toMatchObject({ code: "STORE_UNREACHABLE" });
    const opening = reopenView(config);
    await pause(150);
    proxy.away = false;
    await (await opening).close();
  });

  test("a line that is cut while nobody uses it is not noticed", async () => {
    await store.commit([begin()]);
    proxy.cut();

    expect(await store.commit([sampleGroup(RUN, 1)])).toMatchObject([{ applied: true }]);
    proxy.cut();
    expect(await store.unfinishedRuns()).toEqual([RUN]);
  });
});

describe("wake-ups", () => {
  const listening = async (options: Partial<Parameters<typeof openPostgresWakeUps>[0]> = {}) => {
    const wakeUps = await openPostgresWakeUps({
      url: server.url(name, { port: proxy.port }),
      pollMs: 60_000,
      ...options,
    });
    cleanUp.push(() => wakeUps.close());
    let calls = 0;
    wakeUps.listen("runs", () => (calls += 1));
    return { wakeUps, calls: () => calls };
  };

  test("what one process announces wakes the listeners of another, many announcements at once", async () => {
    const [from, to] = [await listening(), await listening()];
    const before = to.calls();
    for (let time = 0; time < 1_000; time += 1) from.wakeUps.notify(time % 2 === 0 ? "runs" : "nobody listens");

    await expect.poll(() => to.calls() - before).toBeGreaterThan(0);
    expect(to.calls() - before).toBeLessThan(10);
  });

  test("a listener is called when nothing comes, and after its line was cut it listens again", async () => {
    const polled = await listening({ pollMs: 20 });
    await expect.poll(() => polled.calls()).toBeGreaterThan(2);

    const { calls } = await listening();
    const direct = await listening();
    proxy.cut();
    const before = calls();
    await expect.poll(() => calls(), { timeout: 5_000 }).toBeGreaterThan(before);
    const connected = calls();
    direct.wakeUps.notify("runs");
    await expect.poll(() => calls(), { timeout: 5_000 }).toBeGreaterThan(connected);
  });

  test("a pooler that drops notifications is noticed and said once, and polling does their work", async () => {
    proxy.deaf = true;
    const troubles: unknown[] = [];
    const { calls } = await listening({ onTrouble: (error) => troubles.push(error) });

    await expect.poll(() => troubles, { timeout: 5_000 }).toMatchObject([{ code: "WAKE_UPS_POLLED" }]);
    const before = calls();
    await expect.poll(() => calls(), { timeout: 2_000 }).toBeGreaterThan(before + 2);
    proxy.cut();
    await pause(2_500);
    expect(troubles).toHaveLength(1);
  });
});

describe("through a transaction-mode pooler", () => {
  test("nothing is left in a session: no statement has a name, none sets or locks anything for longer than its transaction", async () => {
    await store.commit([begin()]);
    await store.registerVersion(sampleVersion("stock", ["a"]));
    await store.loadRun(RUN);
    await store.prune({ endedBefore: 0 });
    const scheduler = await store.fleet.joinScheduler({ name: "s", leaseMs: 1_000 });
    await store.fleet.takeRuns(scheduler, 1);

    expect(proxy.statements.length).toBeGreaterThan(10);
    expect(proxy.names).toEqual([]);
    expect(
      proxy.statements.filter((text) => /^\s*(set|listen|prepare|declare)\b|pg_advisory_lock|\btemp/i.test(text)),
    ).toEqual([]);
  });

  test("a commit is one statement", async () => {
    await store.commit([begin()]);
    const before = proxy.statements.length;
    await store.commit([sampleGroup(RUN, 1, { inserts: [queued(version.taskIds[1]!)] }), begin(sampleRunId(2))]);

    expect(proxy.statements.slice(before)).toMatchObject([expect.stringMatching(COMMIT)]);
  });
});

describe("what is refused", () => {
  const opening = (url: string) => openPostgresStore({ url });

  test("a wrong password, an unknown user and missing rights are named, and no message holds a password", async () => {
    await server.execute(name, "create role guest login password 'guest'");
    cleanUp.unshift(async () => void (await server.execute(name, "drop role guest")));
    for (const url of [
      server.url(name, { password: "wrong-secret" }),
      server.url(name, { user: "nobody-here", password: "wrong-secret" }),
      server.url(name, { user: "guest", password: "guest" }),
    ]) {
      const error = await opening(url).catch((thrown: Error) => thrown);
      expect(error).toMatchObject({ code: "STORE_DENIED" });
      expect((error as Error).message).not.toMatch(/secret|guest:/);
    }
  });

  test("a server that is not there, a database that is not there and an address that is none are named at once", async () => {
    await expect(opening("postgres://u:p@127.0.0.1:1/x")).rejects.toMatchObject({ code: "STORE_UNREACHABLE" });
    await expect(opening(server.url("none"))).rejects.toMatchObject({ code: "STORE_NOT_FOUND" });
    await expect(opening("mysql://u:p@host/db")).rejects.toMatchObject({ code: "STORE_CANNOT_OPEN" });
  });

  test("a database without a store, of a newer release or with another program's schema is refused and left as it is", async () => {
    const { name: empty, url } = await server.makeDatabase();
    await expect(opening(url)).rejects.toMatchObject({
      code: "STORE_TOO_OLD",
      message: expect.stringContaining("tutti migrate"),
    });
    await expect(openPostgresReader({ url })).rejects.toMatchObject({ code: "STORE_TOO_OLD" });

    await server.execute(name, "insert into tutti.migration values (9998, 'later', '0.0.1', now())");
    await (await opening(server.url(name))).close();
    await server.execute(name, "insert into tutti.migration values (9999, 'much_later', '99.0.0', now())");
    await expect(opening(server.url(name))).rejects.toMatchObject({ code: "STORE_TOO_NEW" });

    await server.execute(empty, "create schema tutti; create table tutti.theirs (x int)");
    await expect(migratePostgres({ url })).rejects.toMatchObject({ code: "STORE_FOREIGN" });
  });
});

test("of eight that migrate at once one does the work, and all find one schema", async () => {
  const { url } = await server.makeDatabase();
  const steps = await Promise.all(Array.from({ length: 8 }, () => migratePostgres({ url })));

  expect(steps.flat()).toEqual(postgresMigrations().map(migrationName));
  await (await openPostgresStore({ url })).close();
});
