import { expect, test } from "vitest";
import type { Store } from "../../store/store.ts";
import { finished, running, sampleGroup, sampleRun, sampleRunId, T0 } from "../store-samples.ts";
import { RUN, type StoreFixture } from "./store-fixture.ts";

const LEASE_MS = 10_000;
const WORKER = { queues: ["default"], slots: 4, labels: {}, release: "0.1.0" };

/** Where several processes work on one store: nobody gets what another one has, and what has changed hands is fenced. */
export function claimerFacts(db: StoreFixture): void {
  const join = (store: Store, name: string) => store.fleet.joinScheduler({ name, leaseMs: LEASE_MS });
  const cancel = { kind: "cancel", runId: RUN, payload: null, createdAt: T0 };

  test("of two schedulers that ask at once, neither gets a run of the other", async () => {
    const beside = await db.openBeside();
    for (let run = 1; run <= 40; run += 1) await db.startRun(sampleRunId(run));
    const [one, two] = [await join(db.store, "one"), await join(beside, "two")];

    const taken = await Promise.all(
      Array.from({ length: 10 }, (_, place) =>
        place % 2 === 0 ? db.store.fleet.takeRuns(one, 7) : beside.fleet.takeRuns(two, 7),
      ),
    );

    expect(taken.flat().toSorted()).toEqual(Array.from({ length: 40 }, (_, run) => sampleRunId(run + 1)));
  });

  test("what a scheduler decides about a run that another one holds is dropped, and it is told who holds it", async () => {
    const beside = await db.openBeside();
    const id = await db.startRun();
    const [one, two] = [await join(db.store, "one"), await join(beside, "two")];
    await beside.fleet.takeRuns(two, 1);

    expect(await db.store.commit([sampleGroup(RUN, 2, { changes: [finished(id, 1)] })], one)).toEqual([
      { applied: false, ids: [] },
    ]);
    expect(await db.store.loadRun(RUN)).toMatchObject({ scheduler: two, run: { revision: 2 } });
    expect(await beside.commit([sampleGroup(RUN, 2, { changes: [finished(id, 1)] })], two)).toMatchObject([
      { applied: true },
    ]);
  });

  test("runs of a scheduler whose lease has ended go to another one, and what it still decides is dropped", async () => {
    const beside = await db.openBeside();
    const id = await db.startRun();
    const [stale, next] = [await join(db.store, "stale"), await join(beside, "next")];
    expect(await db.store.fleet.takeRuns(stale, 1)).toEqual([RUN]);
    expect(await beside.fleet.takeRuns(next, 1)).toEqual([]);
    db.advance(LEASE_MS / 2);
    expect(await beside.fleet.keepScheduler(next, LEASE_MS)).toBe(true);
    db.advance(LEASE_MS / 2 + 1);

    expect(await beside.fleet.takeRuns(next, 1)).toEqual([RUN]);
    expect(await db.store.fleet.keepScheduler(stale, LEASE_MS)).toBe(false);
    expect(await db.store.fleet.takeRuns(stale, 1)).toEqual([]);
    expect(await db.store.commit([sampleGroup(RUN, 2, { changes: [finished(id, 1)] })], stale)).toMatchObject([
      { applied: false },
    ]);
    expect((await db.store.loadRun(RUN))!.taskRuns).toMatchObject([{ id, state: "running" }]);
  });

  test("an ended run is nobody's: whoever opens it again holds it", async () => {
    const beside = await db.openBeside();
    await db.startRun();
    const [one, two] = [await join(db.store, "one"), await join(beside, "two")];
    await db.store.fleet.takeRuns(one, 1);
    await db.store.commit([sampleGroup(RUN, 2, { run: { state: "failed", endedAt: T0 } })], one);
    expect((await db.store.loadRun(RUN))!.scheduler).toBeNull();

    const reopen = sampleGroup(RUN, 3, { run: { state: "queued", generation: 2, endedAt: null } });
    expect(await beside.commit([reopen], two)).toMatchObject([{ applied: true }]);
    expect((await db.store.loadRun(RUN))!.scheduler).toBe(two);
  });

  test("of two stores that decide on one revision, one is applied", async () => {
    const beside = await db.openBeside();
    const ids: number[] = [];
    for (let run = 0; run < 30; run += 1) ids.push(await db.startRun(sampleRunId(run)));
    // In opposite orders, so that each would wait for the other.
    const groups = ids.map((id, run) => sampleGroup(sampleRunId(run), 1, { changes: [finished(id, 1)] }));

    const [left, right] = await Promise.all([db.store.commit(groups), beside.commit(groups.toReversed())]);

    const rightInOrder = right.toReversed();
    expect(left.map(({ applied }, run) => Number(applied) + Number(rightInOrder[run]!.applied))).toEqual(
      ids.map(() => 1),
    );
  });

  test("a command about a run goes to the scheduler that holds it, any other to one of them", async () => {
    const beside = await db.openBeside();
    await db.startRun();
    const [one, two] = [await join(db.store, "one"), await join(beside, "two")];
    await db.store.fleet.takeRuns(one, 1);
    await db.inbox.addCommand(cancel);
    await db.inbox.addCommand({ ...cancel, kind: "run", runId: null });

    expect(await beside.pendingCommands(10, two)).toMatchObject([{ kind: "run" }]);
    expect(await db.store.pendingCommands(10, one)).toMatchObject([{ kind: "cancel" }]);
    expect(await beside.pendingCommands(10, two)).toMatchObject([{ kind: "run" }]);
    db.advance(LEASE_MS + 1);
    const three = await join(beside, "three");
    expect(await beside.pendingCommands(10, three)).toMatchObject([{ kind: "cancel" }, { kind: "run" }]);
  });

  test("a command goes on to the scheduler that takes the run of it meanwhile", async () => {
    await db.startRun();
    const beside = await db.openBeside();
    const [mine, theirs] = [
      await db.store.fleet.joinScheduler({ name: "mine", leaseMs: LEASE_MS }),
      await beside.fleet.joinScheduler({ name: "theirs", leaseMs: LEASE_MS }),
    ];
    await db.inbox.addCommand({ kind: "cancel", runId: RUN, payload: null, createdAt: T0 });
    expect(await db.store.pendingCommands(10, mine)).toHaveLength(1);
    expect(await beside.pendingCommands(10, theirs)).toEqual([]);
    await beside.fleet.takeRuns(theirs, 10);

    expect(await beside.pendingCommands(10, theirs)).toMatchObject([{ kind: "cancel", runId: RUN }]);
    expect(await db.store.pendingCommands(10, mine)).toEqual([]);
  });

  test("what runs under a worker that is dead is told to the scheduler that holds the run", async () => {
    const beside = await db.openBeside();
    await db.store.fleet.keepWorker({ ...WORKER, name: "one" }, LEASE_MS / 2);
    await db.store.fleet.keepWorker({ ...WORKER, name: "two" }, LEASE_MS);
    const create = sampleRun(RUN, db.version.id);
    const inserts = ["one", "two", "nobody"].map((name, task) => ({ ...running(db.tasks[task]!), worker: name }));
    const [mine, other] = [await join(db.store, "mine"), await join(beside, "other")];
    const [result] = await db.store.commit([sampleGroup(RUN, 0, { create, inserts })], mine);

    const lost = (place: number, name: string) => ({
      runId: RUN,
      taskRunId: result!.ids[place]!,
      claim: 1,
      worker: name,
    });
    expect(await db.store.fleet.lostTaskRuns(mine, 10)).toEqual([lost(2, "nobody")]);
    expect(await beside.fleet.lostTaskRuns(other, 10)).toEqual([]);
    db.advance(LEASE_MS / 2 + 1);
    expect(await db.store.fleet.lostTaskRuns(mine, 10)).toEqual([lost(0, "one"), lost(2, "nobody")]);
    await db.store.fleet.leaveWorker("two");
    expect(await db.store.fleet.lostTaskRuns(mine, 10)).toHaveLength(3);
    expect(await db.store.fleet.lostTaskRuns(mine, 1)).toHaveLength(1);
  });

  test("results wait for the scheduler that holds the run, until a commit has used them", async () => {
    const beside = await db.openBeside();
    const id = await db.startRun();
    const [one, two] = [await join(db.store, "one"), await join(beside, "two")];
    await db.store.fleet.takeRuns(one, 1);
    const result = { runId: RUN, taskRunId: id, claim: 1, payload: '{"kind":"finished"}' };
    expect(await beside.fleet.addResults([result, { ...result, claim: 7 }])).toEqual([one]);

    expect(await beside.fleet.pendingResults(two, 10)).toEqual([]);
    const pending = await db.store.fleet.pendingResults(one, 10);
    expect(pending).toEqual([
      { ...result, id: pending[0]!.id },
      { ...result, claim: 7, id: pending[1]!.id },
    ]);
    const use = { changes: [finished(id, 1)], results: [pending[0]!.id] };
    expect(await db.store.commit([sampleGroup(RUN, 1, use)], one)).toMatchObject([{ applied: false }]);
    expect(await db.store.fleet.pendingResults(one, 10)).toHaveLength(2);
    expect(await db.store.commit([sampleGroup(RUN, 2, use)], one)).toMatchObject([{ applied: true }]);
    expect(await db.store.fleet.pendingResults(one, 10)).toEqual([pending[1]]);
    await db.store.fleet.removeResults([pending[1]!.id]);
    expect(await db.store.fleet.pendingResults(one, 10)).toEqual([]);
  });
}
