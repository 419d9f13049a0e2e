import { fork } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { Finished } from "../../runtime/protocol.ts";
import { Hosted, version } from "./fixtures/hosted.ts";
import { isAlive, pidsIn, until } from "./fixtures/processes.ts";
import { tempFolder } from "../../testing/temp-folder.test-data.ts";

const APART = { isolation: "process" } as const;

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
    const [a, b] = hosted.startAll([
      ["wait", { ms: 5_000 }],
      ["exit", { code: 1 }],
    ]) as [number, number];
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
    const [sibling, culprit] = hosted.startAll([
      ["wait", { ms: 500 }],
      ["exit", { code: 1 }, APART],
    ]) as [number, number];
    expect(await hosted.error(culprit)).toMatchObject({ code: "CHILD_CRASHED" });
    expect(await hosted.outcome(sibling)).toMatchObject({ state: "succeeded" });
  });
});

test("isolation gives each task a process of its own", async () => {
  await using hosted = new Hosted();
  const ids = [
    ...hosted.startAll([
      ["process_id", {}, APART],
      ["process_id", {}, APART],
    ]),
    hosted.start("process_id"),
  ];
  const pids = await Promise.all(ids.map((id) => hosted.value(id)));
  expect(new Set(pids).size).toBe(3);
});

describe("children", () => {
  test("that have run enough are replaced by one that is already warm", async () => {
    await using hosted = new Hosted({ maxTasksPerChild: 3 });
    const first = await hosted.value(hosted.start("process_id"));
    // However long the next one takes to get warm, tasks go on in the one that is worn.
    while ((await hosted.value(hosted.start("process_id"))) === first)
      await hosted.value(hosted.start("wait", { ms: 20 }));
  });

  test(
    "that do not start are told by name, with ever longer pauses, and what waits is given back",
    { timeout: 20_000 },
    async () => {
      await using hosted = new Hosted({ nodeOptions: ["--no-such-flag"] });
      const ended = await hosted.end(hosted.start("trivial"));
      expect(ended).toMatchObject({
        lost: { code: "CHILD_START_FAILED", message: expect.stringContaining("no-such-flag") },
      });
      expect(hosted.warnings).toHaveLength(5);
      expect(await hosted.host.parseParams(version, null)).toMatchObject({
        ok: false,
        error: { code: "CHILD_START_FAILED" },
      });
    },
  );

  test("end when the host closes, and what ran is lost", async () => {
    const hosted = new Hosted();
    const id = hosted.start("never");
    await hosted.begin(id);
    await hosted.host.close(50);
    expect(await hosted.end(id)).toMatchObject({ lost: { code: "WORKER_CLOSED" } });
  });

  test(
    "die with a host that is killed, in an endless loop too, with all that they have spawned",
    { timeout: 30_000 },
    async () => {
      const pidFile = join(tempFolder("pid"), "pids");
      const host = fork(fileURLToPath(new URL("./fixtures/doomed-host.ts", import.meta.url)), [pidFile], {
        execArgv: ["--disable-warning=ExperimentalWarning"],
        stdio: "inherit",
      });
      await until(() => existsSync(pidFile) && readFileSync(pidFile, "utf8").includes(" "));
      // It is in its loop by now.
      await new Promise((resolve) => setTimeout(resolve, 300));
      const pids = pidsIn(pidFile);
      expect(pids.every(isAlive)).toBe(true);
      host.kill("SIGKILL");
      const killedAt = performance.now();
      await until(() => pids.every((pid) => !isAlive(pid)));
      expect(performance.now() - killedAt).toBeLessThan(1_000);
    },
  );
});

/** Two claims of a task run may be here at once: one that was taken away and has not left, and the next. */
class ByClaim extends Hosted {
  /** About the first task run. */
  readonly words: string[] = [];

  override finished(finished: Finished): void {
    if (finished.taskRunId === 1) this.words.push(`${finished.claim} ${finished.outcome.state}`);
    else super.finished(finished);
  }
}

test("a task run that is claimed again while its last execution is leaving ends twice, each under its claim, and no slot is lost", async () => {
  await using hosted = new ByClaim({ tasksPerChild: 2 });
  const id = hosted.start("obedient");
  await until(() => hosted.begun.has(id));
  hosted.goOn(id, "wait", { ms: 100 }, { claim: 2 });
  hosted.host.abort(id, 1, "cancelled");
  await until(() => hosted.words.length === 2);
  expect(hosted.words.toSorted()).toEqual(["1 cancelled", "2 succeeded"]);

  const both = hosted.startAll([["obedient"], ["obedient"]]);
  await until(() => both.every((next) => hosted.begun.has(next)));
  for (const next of both) hosted.host.abort(next, 1, "cancelled");
  for (const next of both) expect(await hosted.outcome(next)).toMatchObject({ state: "cancelled" });
});
