import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Hosted } from "./fixtures/hosted.ts";
import { isAlive, pidsIn, until } from "./fixtures/processes.ts";
import { tempFolder } from "../../testing/temp-folder.test-data.ts";

describe("timeouts", () => {
  test("a task that obeys its signal fails with TIMED_OUT, and its process lives on", async () => {
    await using hosted = new Hosted();
    const before = await hosted.value(hosted.start("process_id"));
    expect(await hosted.error(hosted.start("obedient", {}, { timeoutMs: 50 }))).toMatchObject({
      code: "TIMED_OUT",
      message: expect.stringContaining("50 ms"),
    });
    expect(await hosted.value(hosted.start("process_id"))).toBe(before);
  });

  test("a result that comes after the timeout counts no more", async () => {
    await using hosted = new Hosted();
    expect(await hosted.error(hosted.start("stubborn", {}, { timeoutMs: 20 }))).toMatchObject({ code: "TIMED_OUT" });
  });

  test("a task that never settles is killed after the grace", async () => {
    await using hosted = new Hosted({ graceMs: 100 });
    const before = await hosted.value(hosted.start("process_id"));
    expect(await hosted.error(hosted.start("never", {}, { timeoutMs: 50 }))).toMatchObject({ code: "TIMED_OUT" });
    expect(await hosted.value(hosted.start("process_id"))).not.toBe(before);
  });

  test("a task that never settles does not take its siblings with it", async () => {
    await using hosted = new Hosted({ graceMs: 50 });
    const [sibling, never] = hosted.startAll([
      ["wait", { ms: 600 }],
      ["never", {}, { timeoutMs: 50 }],
    ]) as [number, number];
    expect(await hosted.error(never)).toMatchObject({ code: "TIMED_OUT" });
    expect(hosted.hasEnded(sibling)).toBe(false);
    expect(await hosted.outcome(sibling)).toMatchObject({ state: "succeeded" });
  });
});

describe("a blocked loop", () => {
  const QUICK = { blockedMs: 300, graceMs: 500 } as const;

  test("past its own timeout is killed, and the message says where it was", async () => {
    await using hosted = new Hosted({ ...QUICK, graceMs: 8_000 });
    // Or on a busy machine it may be killed where it still loads its file.
    await hosted.value(hosted.start("process_id"));
    const error = await hosted.error(hosted.start("busy", { ms: 60_000 }, { timeoutMs: 1_500 }));
    expect(error).toMatchObject({ code: "TIMED_OUT" });
    expect(error.message).toMatch(/pipeline\.ts/);
  });

  test("gets nothing new, and what it had not started goes elsewhere", async () => {
    await using hosted = new Hosted({ ...QUICK, children: 2, tasksPerChild: 4 });
    await Promise.all(Array.from({ length: 8 }, () => hosted.value(hosted.start("wait", { ms: 50 }))));
    const ids = hosted.startAll([["busy", { ms: 3_000 }], ...Array.from({ length: 7 }, () => ["process_id"] as const)]);
    const pids = await Promise.all(ids.slice(1).map((id) => hosted.value(id)));
    expect(hosted.hasEnded(ids[0]!)).toBe(false);
    expect(new Set(pids).size).toBe(1);
    expect(await hosted.outcome(ids[0]!)).toMatchObject({ state: "succeeded" });
    // The child that was blocked works again, with all its slots.
    const all = hosted.startAll(Array.from({ length: 8 }, () => ["wait", { ms: 20 }] as const));
    await Promise.all(all.map((id) => hosted.value(id)));
  });

  test("does not use up the timeouts of its siblings", async () => {
    await using hosted = new Hosted(QUICK);
    const [sibling, busy] = hosted.startAll([
      ["wait", { ms: 800 }, { timeoutMs: 2_000 }],
      ["busy_later", { ms: 3_000 }],
    ]) as [number, number];
    expect(await hosted.outcome(sibling)).toMatchObject({ state: "succeeded" });
    expect(await hosted.outcome(busy)).toMatchObject({ state: "succeeded" });
  });

  test("is told from its siblings also after an await", async () => {
    await using hosted = new Hosted(QUICK);
    const [sibling, busy] = hosted.startAll([
      ["never", {}, { timeoutMs: 600 }],
      ["busy_later", { ms: 60_000 }, { timeoutMs: 1_500 }],
    ]) as [number, number];
    expect(await hosted.error(busy)).toMatchObject({ code: "TIMED_OUT" });
    expect(await hosted.end(sibling)).toMatchObject({ lost: { code: "CHILD_KILLED" } });
  });

  test("in native code, where nobody can tell whose it is, loses all in it", async () => {
    await using hosted = new Hosted(QUICK);
    const ids = hosted.startAll([["never"], ["busy_native", { ms: 60_000 }, { timeoutMs: 500 }]]);
    expect(await Promise.all(ids.map((id) => hosted.end(id)))).toMatchObject([{ lost: {} }, { lost: {} }]);
  });
});

describe("cancelling", () => {
  test("ends a task that obeys as cancelled", async () => {
    await using hosted = new Hosted();
    const id = hosted.start("obedient");
    await hosted.begin(id);
    hosted.host.abort(id, 1, "cancelled");
    expect(await hosted.outcome(id)).toEqual({ state: "cancelled" });
  });

  test("kills one that does not, and whatever it has spawned", async () => {
    await using hosted = new Hosted({ graceMs: 100, blockedMs: 200 });
    const pidFile = join(tempFolder("pid"), "pids");
    const id = hosted.start("spawns", { pidFile });
    await until(() => existsSync(pidFile) && readFileSync(pidFile, "utf8").includes(" "));
    hosted.host.abort(id, 1, "cancelled");
    expect(await hosted.outcome(id)).toEqual({ state: "cancelled" });
    await until(() => pidsIn(pidFile).every((pid) => !isAlive(pid)));
  });

  test("ends one that waits for room at once", async () => {
    await using hosted = new Hosted({ tasksPerChild: 1 });
    const [first, second] = hosted.startAll([["never"], ["never"]]) as [number, number];
    await hosted.begin(first);
    hosted.host.abort(second, 1, "cancelled");
    expect(await hosted.outcome(second)).toEqual({ state: "cancelled" });
  });
});
