import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { tempProject, type TempProject } from "../support/temp-project.ts";
import { tutti } from "../support/tutti-process.ts";

/** Receivers leave a line in `told.txt` for each alert. The first one kills the process that owns the store, before it has said that it told it. */
const PIPELINE = `
import { dag, task } from "tutti";
import { appendFileSync, existsSync } from "node:fs";
const told = (line: object) => appendFileSync(new URL("../told.txt", import.meta.url), JSON.stringify(line) + "\\n");
const load = task("load", (_: void, ctx) => { ctx.log.info("token " + process.env.NOTHING); throw new Error("no table"); });
const deadly = new URL("../deadly", import.meta.url);
export default dag("sales", {
  onFailure: [
    (alert, ctx) => {
      told({ id: alert.id, event: alert.event, error: alert.error?.message, log: alert.log, failed: alert.failedTasks, url: alert.url, version: ctx.workflow?.version });
      if (existsSync(deadly)) { process.kill(process.ppid, "SIGKILL"); return new Promise(() => {}); }
    },
    { name: "broken pager", notify: async () => { throw Object.assign(new Error("no such service"), { name: "FailWithoutRetry" }); } },
  ],
}, () => { load(); });
`;
const CONFIG = `
import { defineConfig } from "tutti";
import { notifyCommand } from "tutti/shell";
export default defineConfig({ publicUrl: "https://tutti.example.com", alerts: notifyCommand(["./ops.sh"]) });
`;
const OPS = `#!/bin/sh
cat >> ops.txt
`;

function project(): TempProject {
  const made = tempProject({ "pipelines/sales.ts": PIPELINE, "tutti.config.ts": CONFIG, "told.txt": "" });
  made.write("ops.sh", OPS);
  return made;
}

const linesOf = (made: TempProject) =>
  made
    .read("told.txt")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test("a failed run tells its receivers before the command ends; what one does not get, the configuration's does", async () => {
  const made = project();
  const { chmodSync } = await import("node:fs");
  chmodSync(made.path("ops.sh"), 0o755);
  const { code, stderr } = await tutti(["run", "sales"], { cwd: made.dir });
  expect([code, stderr]).toEqual([1, expect.stringMatching(/broken pager could not be told .*no such service/)]);
  const [told] = linesOf(made);
  expect(told).toMatchObject({
    event: "failed",
    error: "no table",
    log: ["token undefined"],
    failed: [{ task: "load", count: 1 }],
  });
  expect(told?.["url"]).toMatch(/^https:\/\/tutti\.example\.com\/runs\/[0-9a-z]{26}$/);
  expect(JSON.parse(made.read("ops.txt"))).toMatchObject({ workflow: "sales", undelivered: { to: "broken pager" } });

  const listed = JSON.parse((await tutti(["alerts", "--json"], { cwd: made.dir })).stdout) as {
    receiver: string;
    state: string;
  }[];
  expect(listed.map(({ receiver, state }) => [receiver, state])).toEqual([
    ["command ./ops.sh", "delivered"],
    ["broken pager", "failed"],
    ["function", "delivered"],
  ]);

  const tested = await tutti(["alerts", "test"], { cwd: made.dir });
  expect(tested).toMatchObject({ code: 0, stdout: expect.stringContaining("told command ./ops.sh") });
  const wrong = await tutti(["alerts", "test", "broken pager"], { cwd: made.dir });
  expect(wrong).toMatchObject({ code: 1, stdout: expect.stringContaining("failed broken pager: no such service") });
  expect(await tutti(["alerts", "test", "nobody"], { cwd: made.dir })).toMatchObject({ code: 2 });
  expect(await tutti(["alerts", "retry", "99"], { cwd: made.dir })).toMatchObject({
    stderr: expect.stringContaining("[ALERT_NOT_FAILED]"),
  });
});

test("killed between a commit and its delivery, it is delivered by whoever comes next, under the same id", async () => {
  const made = project();
  made.write("deadly", "");
  const killed = await tutti(["run", "sales"], { cwd: made.dir });
  expect(killed.signal ?? killed.code).not.toBe(0);
  const { rmSync } = await import("node:fs");
  rmSync(made.path("deadly"));
  const before = linesOf(made);
  expect(before.length).toBe(1);
  // Any command that does work on the store; the run itself may have been cut off before its end was recorded.
  await tutti(["resume"], { cwd: made.dir });
  await tutti(["run", "sales"], { cwd: made.dir });
  const all = linesOf(made);
  expect(all.filter(({ id }) => id === before[0]?.["id"]).length).toBe(2);
  expect(existsSync(made.path("ops.txt"))).toBe(false);
});
