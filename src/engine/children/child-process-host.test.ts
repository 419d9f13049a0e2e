import { execFileSync, fork } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { encodeValue } from "../../core/value-codec.ts";
import { Hosted, manifest, run, version } from "./fixtures/hosted.ts";

const APART = { isolation: "process" } as const;

test("a task runs in a child and its value comes back", async () => {
  await using hosted = new Hosted();
  const id = hosted.start("echo", { value: { day: new Date(0), n: 1n } });
  expect(await hosted.value(id)).toEqual({ day: new Date(0), n: 1n });
});

test("a task sees its run, its window, its params and its key", async () => {
  await using hosted = new Hosted();
  const id = hosted.start("reports", {}, { attempt: 2, mapIndex: 3 });
  expect(await hosted.value(id)).toEqual({
    params: { region: "emea" },
    workflow: { name: "tasks", version: version.hash },
    name: "reports",
    runInfo: { id: "run1", generation: 1, trigger: "manual", backfill: null },
    interval: { start: new Date(0), end: new Date(86_400_000) },
    date: "1970-01-01",
    attempt: 2,
    mapIndex: 3,
    idempotencyKey: `key-${id}`,
  });
  expect(hosted.progressed).toEqual([[id, 1, 1, 2, "half"]]);
});

test("drawers answer from the engine", async () => {
  await using hosted = new Hosted();
  const id = hosted.start("remembers");
  expect(await hosted.value(id)).toEqual({ count: 1, seen: new Date(0) });
  expect([...hosted.drawers.keys()]).toEqual([`state ${id} count`, `memory ${id} seen`]);
});

describe("what a task throws", () => {
  test("names its class, its message and the first retry rule that matches", async () => {
    await using hosted = new Hosted();
    const outcomes = await Promise.all(["code", "type", "odd", "plain", "later"].map((how) => hosted.outcome(hosted.start("fails", { how }))));
    expect(outcomes).toMatchObject([
      { state: "failed", rule: 0, final: false, error: { code: "NOPE" } },
      { state: "failed", rule: 1, error: { name: "TypeError", message: "wrong type" } },
      { state: "failed", rule: 2 },
      { state: "failed", rule: null, retryAfterMs: null },
      { state: "failed", retryAfterMs: 300_000 },
    ]);
  });

  test("has a stack that points into the user's file", async () => {
    await using hosted = new Hosted();
    const error = await hosted.error(hosted.start("fails", { how: "plain" }));
    expect(error.stack).toMatch(/fixtures\/pipeline\.ts/);
  });

  test("skips with its reason", async () => {
    await using hosted = new Hosted();
    expect(await hosted.outcome(hosted.start("skips"))).toEqual({ state: "skipped", reason: "nothing to do" });
  });

  test("a rejection nobody handles fails its own task and not its siblings", async () => {
    await using hosted = new Hosted();
    const [sibling, culprit] = hosted.startAll([["wait", { ms: 300 }], ["rejects"]]) as [number, number];
    expect(await hosted.error(culprit)).toMatchObject({ message: "nobody listens" });
    expect(await hosted.outcome(sibling)).toMatchObject({ state: "succeeded" });
  });

  test("a throw in a callback fails its own task and not its siblings", async () => {
    await using hosted = new Hosted();
    const [sibling, culprit] = hosted.startAll([["wait", { ms: 300 }], ["throws_later"]]) as [number, number];
    expect(await hosted.error(culprit)).toMatchObject({ message: "in a callback" });
    expect(await hosted.outcome(sibling)).toMatchObject({ state: "succeeded" });
  });
});

describe("a child that dies", () => {
  test("with one task in it fails that task, with how it ended and its last lines", async () => {
    await using hosted = new Hosted();
    const error = await hosted.error(hosted.start("exit", { code: 3 }));
    expect(error.code).toBe("CHILD_CRASHED");
    expect(error.message).toMatch(/exited with code 3[\s\S]*about to leave/);
    expect(await hosted.value(hosted.start("echo", { value: 1 }))).toBe(1);
  });

  test("by a signal says which, and what the task wrote just before", async () => {
    await using hosted = new Hosted();
    const error = await hosted.error(hosted.start("abort"));
    expect(error.message).toMatch(/SIGABRT|code 134/);
    expect(error.message).toContain("about to abort");
  });

  test("with several tasks in it loses each: nobody is charged", async () => {
    await using hosted = new Hosted();
    const [a, b] = hosted.startAll([["wait", { ms: 5_000 }], ["exit", { code: 1 }]]) as [number, number];
    const ends = await Promise.all([hosted.end(a), hosted.end(b)]);
    expect(ends).toMatchObject([{ lost: { code: "CHILD_CRASHED" } }, { lost: { code: "CHILD_CRASHED" } }]);
  });

  test("for lack of memory says so and what to do", async () => {
    await using hosted = new Hosted({ nodeOptions: ["--max-old-space-size=64"] });
    const error = await hosted.error(hosted.start("out_of_memory"));
    expect(error.message).toMatch(/ran out of memory[\s\S]*max-old-space-size/);
  });

  test("apart leaves the tasks of the others alone", async () => {
    await using hosted = new Hosted();
    const [sibling, culprit] = hosted.startAll([["wait", { ms: 500 }], ["exit", { code: 1 }, APART]]) as [number, number];
    expect(await hosted.error(culprit)).toMatchObject({ code: "CHILD_CRASHED" });
    expect(await hosted.outcome(sibling)).toMatchObject({ state: "succeeded" });
  });
});

test("isolation gives each task a process of its own", async () => {
  await using hosted = new Hosted();
  const ids = [...hosted.startAll([["process_id", {}, APART], ["process_id", {}, APART]]), hosted.start("process_id")];
  const pids = await Promise.all(ids.map((id) => hosted.value(id)));
  expect(new Set(pids).size).toBe(3);
});

describe("timeouts", () => {
  test("a task that obeys its signal fails with TIMED_OUT, and its process lives on", async () => {
    await using hosted = new Hosted();
    const before = await hosted.value(hosted.start("process_id"));
    expect(await hosted.error(hosted.start("obedient", {}, { timeoutMs: 50 }))).toMatchObject({ code: "TIMED_OUT", message: expect.stringContaining("50 ms") });
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
    const [sibling, never] = hosted.startAll([["wait", { ms: 600 }], ["never", {}, { timeoutMs: 50 }]]) as [number, number];
    expect(await hosted.error(never)).toMatchObject({ code: "TIMED_OUT" });
    expect(hosted.hasEnded(sibling)).toBe(false);
    expect(await hosted.outcome(sibling)).toMatchObject({ state: "succeeded" });
  });
});

describe("a blocked loop", () => {
  const QUICK = { blockedMs: 300, graceMs: 100 } as const;

  test("past its own timeout is killed, and the message says where it was", async () => {
    await using hosted = new Hosted(QUICK);
    const error = await hosted.error(hosted.start("busy", { ms: 60_000 }, { timeoutMs: 500 }));
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
    const [sibling, busy] = hosted.startAll([["wait", { ms: 500 }, { timeoutMs: 900 }], ["busy_later", { ms: 1_500 }]]) as [number, number];
    expect(await hosted.outcome(sibling)).toMatchObject({ state: "succeeded" });
    expect(await hosted.outcome(busy)).toMatchObject({ state: "succeeded" });
  });

  test("is told from its siblings also after an await", async () => {
    await using hosted = new Hosted(QUICK);
    const [sibling, busy] = hosted.startAll([["never", {}, { timeoutMs: 600 }], ["busy_later", { ms: 60_000 }, { timeoutMs: 1_500 }]]) as [number, number];
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
    const pidFile = join(mkdtempSync(join(tmpdir(), "tutti-pid-")), "pids");
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

describe("what tasks print", () => {
  test("becomes lines of the right task, in order, with levels", async () => {
    await using hosted = new Hosted();
    const ids = hosted.startAll(["a", "b", "c"].map((name) => ["prints", { name }] as const));
    await Promise.all(ids.map((id) => hosted.value(id)));
    for (const [place, name] of ["a", "b", "c"].entries()) {
      expect(hosted.messages(ids[place]!)).toEqual([1, 2, 3, 4, 5, 6, 7].map((n) => `${name} ${n}`));
    }
    const levels = hosted.lines.filter((line) => line.taskRunId === ids[0]).map(({ level, source }) => [level, source]);
    expect(levels).toEqual([["info", "stdout"], ["info", "stdout"], ["error", "stderr"], ["info", "log"], ["warn", "stderr"], ["debug", "stdout"], ["info", "stdout"]]);
    expect(hosted.lines.find((line) => line.source === "log")?.fields).toEqual({ name: "a" });
  });

  test("is cut at the limit of a line, and says so", async () => {
    await using hosted = new Hosted({ logLineLength: 100 });
    const id = hosted.start("chatter", { lines: 1, length: 350 });
    await hosted.value(id);
    expect(hosted.messages(id)).toEqual([`${"x".repeat(100)} … [250 more characters cut]`]);
  });

  test("is dropped past the limit of an attempt, loudly", async () => {
    await using hosted = new Hosted({ logAttemptBytes: 1_000 });
    const id = hosted.start("chatter", { lines: 50, length: 100 });
    await hosted.value(id);
    const messages = hosted.messages(id);
    expect(messages).toHaveLength(12);
    expect(messages[10]).toMatch(/reached its limit of 1000 bytes/);
    expect(messages[11]).toMatch(/40 more lines \(4000 bytes\)/);
  });

  test("of 100 MB in one line leaves the host standing", async () => {
    await using hosted = new Hosted();
    const id = hosted.start("chatter", { lines: 1, length: 100_000_000 });
    await hosted.value(id);
    expect(hosted.messages(id)[0]?.length).toBeLessThan(20_000);
  });

  test("never shows a secret, nor does an error", async () => {
    await using hosted = new Hosted({ connections: () => "postgres://me:hunter22@db/orders", secrets: ["nobody listens"] });
    const id = hosted.start("connects", { name: "orders" });
    expect(await hosted.value(id)).toBe("postgres://me:hunter22@db/orders");
    expect(hosted.messages(id).join()).not.toContain("hunter22");
    expect((await hosted.error(hosted.start("rejects"))).message).toBe("***");
  });
});

describe("values", () => {
  test("that are large rest as a frame, of which each element can be read alone", async () => {
    await using hosted = new Hosted();
    const outcome = await hosted.outcome(hosted.start("big", { rows: 1_000, text: 1_000 }));
    expect(outcome).toMatchObject({ state: "succeeded", output: { kind: "frame" }, lists: { '["rows"]': { length: 1_000 }, "pick:0": { length: 500, value: { kind: "inline" } } } });
    const { uri } = (outcome as { output: { uri: string } }).output;
    const id = hosted.start("mapped", {}, { mapIndex: 7, values: { "map:row": { kind: "frame", uri, path: ["rows", 7] } } });
    expect(await hosted.value(id)).toBe("row 7");
  });

  test("of 100 MB are refused, with what to do instead", async () => {
    await using hosted = new Hosted();
    const error = await hosted.error(hosted.start("big", { rows: 100, text: 1_000_000 }));
    expect(error).toMatchObject({ code: "VALUE_TOO_LARGE", message: expect.stringMatching(/"big"[\s\S]*ctx\.artifact/) });
  });

  test("that are functions are refused with the task's name and the path", async () => {
    await using hosted = new Hosted();
    const error = await hosted.error(hosted.start("returns_function"));
    expect(error).toMatchObject({ code: "VALUE_NOT_SERIALIZABLE", message: expect.stringMatching(/returns_function[\s\S]*rows\[0\]\.callback/) });
  });

  test("that many tasks share travel once", async () => {
    await using hosted = new Hosted();
    hosted.host.share(run.runId, "s", encodeValue("all of it"));
    const source = manifest.tasks.findIndex((task) => task.name === "trivial_2");
    const values = { [`out:${source}`]: { kind: "shared", key: "s" } } as const;
    const ids = hosted.startAll([["echo", {}, { values }], ["echo", {}, { values }]]);
    expect(await Promise.all(ids.map((id) => hosted.value(id)))).toEqual(["all of it", "all of it"]);
  });

  test("that are artifacts can be read by the next task, and those of a failure are gone", async () => {
    await using hosted = new Hosted();
    const written = await hosted.outcome(hosted.start("writes"));
    const { text } = (written as { output: { text: string } }).output;
    const source = manifest.tasks.findIndex((task) => task.name === "writes");
    const read = hosted.start("reads", {}, { values: { [`out:${source}`]: { kind: "text", text } } });
    expect(await hosted.value(read)).toEqual({ rows: [{ id: 1 }, { id: 2 }], bytes: new Uint8Array([1, 2, 3]) });
    const failed = hosted.start("writes_and_fails");
    await hosted.error(failed);
    expect(readdirSync(join(hosted.artifactsDir, run.runId))).toEqual(["1-1"]);
  });
});

describe("what a child may see", () => {
  test("is an allow-list of the environment", async () => {
    process.env["TUTTI_CONNECTION_ORDERS"] = "secret";
    process.env["AWS_SECRET_ACCESS_KEY"] = "secret";
    await using hosted = new Hosted({ env: { EXTRA: "yes" } });
    const env = (await hosted.value(hosted.start("environment"))) as Record<string, string>;
    expect(env).toMatchObject({ PATH: process.env["PATH"], EXTRA: "yes" });
    expect(Object.values(env)).not.toContain("secret");
  });

  test("are the connections that a task declares, and that are configured", async () => {
    await using hosted = new Hosted();
    const [orders, warehouse] = hosted.startAll([["connects", { name: "orders" }], ["connects", { name: "warehouse" }]]) as [number, number];
    expect(await hosted.error(orders)).toMatchObject({ code: "CONNECTION_NOT_CONFIGURED", message: expect.stringContaining("TUTTI_CONNECTION_ORDERS") });
    expect(await hosted.error(warehouse)).toMatchObject({ code: "CONNECTION_NOT_DECLARED", message: expect.stringContaining('"connects"') });
  });
});

describe("code", () => {
  test("that yields another graph is refused", async () => {
    await using hosted = new Hosted();
    hosted.host.openRun({ ...run, runId: "run2", version: { ...version, hash: "f".repeat(32), manifestHash: "other" } });
    const outcome = await hosted.outcome(hosted.start("trivial", {}, { runId: "run2" }));
    expect(outcome).toMatchObject({ state: "failed", final: true, error: { code: "VERSION_DIFFERS" } });
  });

  test("that is not there fails the task by name, and the child goes on", async () => {
    await using hosted = new Hosted();
    hosted.host.openRun({ ...run, runId: "run3", version: { ...version, hash: "e".repeat(32), file: "/nowhere/at-all.mjs" } });
    expect(await hosted.error(hosted.start("trivial", {}, { runId: "run3" }))).toMatchObject({ code: "CODE_NOT_LOADED" });
    expect(await hosted.value(hosted.start("echo", { value: 1 }))).toBe(1);
  });

  test("that has no such workflow says which it has", async () => {
    await using hosted = new Hosted();
    const parsed = await hosted.host.parseParams({ ...version, hash: "d".repeat(32), workflow: "other" }, null);
    expect(parsed).toMatchObject({ ok: false, error: { code: "WORKFLOW_NOT_IN_CODE", message: expect.stringContaining('"tasks"') } });
  });

  test("without a schema leaves params as they are", async () => {
    await using hosted = new Hosted();
    expect(await hosted.host.parseParams(version, encodeValue({ a: 1 }))).toEqual({ ok: true, params: encodeValue({ a: 1 }), lists: null });
  });
});

describe("children", () => {
  test("that have run enough are replaced by one that is already warm", async () => {
    await using hosted = new Hosted({ maxTasksPerChild: 3 });
    const pids: unknown[] = [];
    for (let i = 0; i < 40 && new Set(pids).size < 3; i++) {
      pids.push(await hosted.value(hosted.start("process_id")));
      await hosted.value(hosted.start("wait", { ms: 20 }));
    }
    expect(new Set(pids).size).toBeGreaterThan(1);
  });

  test("that do not start are told by name, with ever longer pauses, and what waits is given back", { timeout: 20_000 }, async () => {
    await using hosted = new Hosted({ nodeOptions: ["--no-such-flag"] });
    const ended = await hosted.end(hosted.start("trivial"));
    expect(ended).toMatchObject({ lost: { code: "CHILD_START_FAILED", message: expect.stringContaining("no-such-flag") } });
    expect(hosted.warnings).toHaveLength(5);
    expect(await hosted.host.parseParams(version, null)).toMatchObject({ ok: false, error: { code: "CHILD_START_FAILED" } });
  });

  test("end when the host closes, and what ran is lost", async () => {
    const hosted = new Hosted();
    const id = hosted.start("never");
    await hosted.begin(id);
    await hosted.host.close(50);
    expect(await hosted.end(id)).toMatchObject({ lost: { code: "WORKER_CLOSED" } });
  });

  test("die with a host that is killed, in an endless loop too, with all that they have spawned", { timeout: 30_000 }, async () => {
    const pidFile = join(mkdtempSync(join(tmpdir(), "tutti-pid-")), "pids");
    const host = fork(fileURLToPath(new URL("./fixtures/doomed-host.ts", import.meta.url)), [pidFile], { execArgv: ["--disable-warning=ExperimentalWarning"], stdio: "inherit" });
    await until(() => existsSync(pidFile) && readFileSync(pidFile, "utf8").includes(" "));
    // It is in its loop by now.
    await new Promise((resolve) => setTimeout(resolve, 300));
    const pids = pidsIn(pidFile);
    expect(pids.every(isAlive)).toBe(true);
    host.kill("SIGKILL");
    const killedAt = performance.now();
    await until(() => pids.every((pid) => !isAlive(pid)));
    expect(performance.now() - killedAt).toBeLessThan(1_000);
  });
});

const pidsIn = (file: string): number[] => readFileSync(file, "utf8").split(" ").map(Number);

/** A zombie that nobody has reaped is no process any more. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return existsSync("/proc/self") ? false : spawnedPs(pid);
  }
}

const spawnedPs = (pid: number): boolean => {
  try {
    return !execFileSync("ps", ["-o", "stat=", "-p", String(pid)]).toString().startsWith("Z");
  } catch {
    return false;
  }
};

async function until(holds: () => boolean): Promise<void> {
  for (let waited = 0; waited < 10_000; waited += 10) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("it never came true");
}
