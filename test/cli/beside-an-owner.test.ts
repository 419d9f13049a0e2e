import { existsSync, readFileSync, rmSync } from "node:fs";
import { expect, test } from "vitest";
import { tempProject, type TempProject } from "../support/temp-project.ts";
import { type Ended, startTutti, tutti, type TuttiProcess } from "../support/tutti-process.ts";

/** A task waits until a file is there, so that a test decides how long a run goes on; each leaves a line when it has ended. */
const PIPELINE = `
import { dag, task } from "tutti";
import { appendFileSync, existsSync } from "node:fs";
const root = new URL("../", import.meta.url);
const waits = task("waits", async ({ gate, before }: { gate: string; before: unknown }, ctx) => {
  ctx.log.info("waiting for " + gate);
  while (!existsSync(new URL(gate, root))) {
    if (ctx.signal.aborted) throw ctx.signal.reason;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  ctx.log.info("saw " + gate);
  appendFileSync(new URL("done.txt", root), ctx.idempotencyKey + "\\n");
  return gate;
});
const fails = task("fails", ({ before }: { before: unknown }, ctx) => {
  if (ctx.runInfo.generation === 1) throw new Error("broken");
  return "mended";
});
export const long = dag("long", {}, () => { waits({ gate: "second", before: waits({ gate: "first", before: 0 }) }); });
export const quick = dag("quick", {}, () => { fails({ before: waits({ gate: "quick", before: 0 }) }); });
export const other = dag("other", {}, () => { waits({ gate: "fourth", before: waits({ gate: "third", before: 0 }) }); });
`;

const project = (): TempProject => tempProject({ "pipelines/gates.ts": PIPELINE });

/** Starts a run that goes on until its gates are open, and answers when its first task runs. */
async function started(workflow: string, { dir }: TempProject): Promise<{ process: TuttiProcess; id: string }> {
  const process = startTutti(["run", workflow], { cwd: dir });
  const [, id = ""] = await process.saw(/(\w{26})\n/);
  await process.saw(/waiting for/);
  return { process, id };
}

const opened = (project: TempProject, ...gates: readonly string[]): void =>
  gates.forEach((gate) => project.write(gate, ""));

const stateOf = async (id: string, { dir }: TempProject): Promise<unknown> => {
  const runs = JSON.parse((await tutti(["runs", "--json"], { cwd: dir })).stdout) as {
    id: string;
    state: string;
    interrupted: boolean;
  }[];
  const run = runs.find((each) => each.id === id);
  return run?.interrupted ? "interrupted" : run?.state;
};

const done = (project: TempProject): string[] =>
  existsSync(project.path("done.txt")) ? readFileSync(project.path("done.txt"), "utf8").trim().split("\n").sort() : [];

test("beside a long run, other terminals run, list, follow logs, retry and cancel; it ends as if it had been alone", async () => {
  const here = project();
  const { dir } = here;
  const owner = await started("long", here);

  opened(here, "quick");
  const quick = await tutti(["run", "quick"], { cwd: dir });
  expect(quick).toMatchObject({ code: 1 });
  expect(quick.stdout).toMatch(/Task "fails" failed: broken/);
  const [, quickId = ""] = /tutti retry (\w{26})/.exec(quick.stdout) ?? [];
  expect(await tutti(["retry", quickId], { cwd: dir })).toMatchObject({ code: 0, stderr: "" });
  expect([await stateOf(owner.id, here), await stateOf(quickId, here)]).toEqual(["running", "succeeded"]);

  // A second long run, of another process, followed by a third and cancelled by a fourth.
  const other = await started("other", here);
  const logs = startTutti(["logs", other.id, "-f"], { cwd: dir });
  await logs.saw(/waits info +waiting for third/);
  opened(here, "third");
  await logs.saw(/saw third/);
  const cancelled = await tutti(["cancel", other.id], { cwd: dir });
  expect(cancelled).toMatchObject({ code: 0 });
  expect((await other.process.ended).code).toBe(1);
  expect((await other.process.ended).stdout).toMatch(/cancelled in/);
  expect(await logs.ended).toMatchObject({ code: 0 });

  opened(here, "first", "second");
  expect(await owner.process.ended).toMatchObject({ code: 0, stderr: "" });
  // What the owner shows is its own run.
  expect(owner.process.stdout).not.toMatch(/third|quick/);
  expect(existsSync(here.path(".tutti/tutti.db.sock"))).toBe(false);
}, 60_000);

test("an owner that has ended passes the lock to those that follow: one becomes the owner, both end as if alone", async () => {
  const here = project();
  const owner = await started("quick", here);
  const [long, other] = await Promise.all([started("long", here), started("other", here)]);
  opened(here, "quick");
  setTimeout(() => opened(here, "first", "third"), 300);
  expect(await owner.process.ended).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("passed on to the commands that follow them") as string,
  });
  opened(here, "second", "fourth");
  expect(await long.process.ended).toMatchObject({ code: 0, signal: null });
  expect(await other.process.ended).toMatchObject({ code: 0, signal: null });
  expect(done(here)).toEqual(
    [`${owner.id}/waits`, `${long.id}/waits`, `${long.id}/waits_2`, `${other.id}/waits`, `${other.id}/waits_2`].sort(),
  );
}, 60_000);

test("the owner killed with -9: a follower goes on with its own run, the owner's can be resumed, nothing recorded runs twice", async () => {
  const here = project();
  const owner = await started("long", here);
  opened(here, "first");
  await owner.process.saw(/waiting for second/);
  const follower = await started("other", here);
  owner.process.kill("SIGKILL");
  expect(await owner.process.ended).toMatchObject({ signal: "SIGKILL" });
  opened(here, "third", "fourth");
  expect(await follower.process.ended).toMatchObject({ code: 0 });
  expect(await stateOf(owner.id, here)).toBe("interrupted");
  opened(here, "second");
  expect(await tutti(["resume"], { cwd: here.dir })).toMatchObject({ code: 0 });
  expect(await stateOf(owner.id, here)).toBe("succeeded");
  expect(done(here)).toEqual(
    [`${owner.id}/waits`, `${owner.id}/waits_2`, `${follower.id}/waits`, `${follower.id}/waits_2`].sort(),
  );
}, 60_000);

test("Ctrl-C in a follower only stops following; in the owner running tasks end, and the run waits to be resumed", async () => {
  const here = project();
  const owner = await started("long", here);
  const follower = await started("other", here);
  follower.process.kill("SIGINT");
  const left = await follower.process.ended;
  expect(left).toMatchObject({ code: 130, stderr: expect.stringContaining(`tutti logs ${follower.id} -f`) as string });
  const logs = startTutti(["logs", follower.id, "-f"], { cwd: here.dir });
  await logs.saw(/waiting for third/);
  logs.kill("SIGINT");
  expect(await logs.ended).toMatchObject({ code: 130 });
  expect([await stateOf(owner.id, here), await stateOf(follower.id, here)]).toEqual(["running", "running"]);

  owner.process.kill("SIGINT");
  await owner.process.saw(/Stopping/, "stderr");
  opened(here, "first", "third");
  const stopped = await owner.process.ended;
  expect(stopped).toMatchObject({
    code: 130,
    stderr: expect.stringMatching(`to go on: tutti resume ${owner.id}`) as string,
  });
  expect(done(here)).toEqual([`${owner.id}/waits`, `${follower.id}/waits`].sort());
  expect(await stateOf(owner.id, here)).toBe("interrupted");

  // Without an owner, cancel applies at once and starts nothing; resume without an id takes what is left.
  expect(await tutti(["cancel", owner.id], { cwd: here.dir })).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/cancelled/) as string,
  });
  opened(here, "fourth");
  expect(await tutti(["resume"], { cwd: here.dir })).toMatchObject({ code: 0 });
  expect([await stateOf(owner.id, here), await stateOf(follower.id, here)]).toEqual(["cancelled", "succeeded"]);
  expect(done(here)).not.toContain(`${owner.id}/waits_2`);
}, 60_000);

test("a second Ctrl-C stops at once, SIGTERM counts as the first; what was running starts again with resume", async () => {
  const here = project();
  const owner = await started("long", here);
  owner.process.kill("SIGTERM");
  await owner.process.saw(/Stopping/, "stderr");
  await new Promise((resolve) => setTimeout(resolve, 300));
  owner.process.kill("SIGINT");
  expect(await owner.process.ended).toMatchObject({ code: 143 });
  opened(here, "first", "second");
  const resumed = await tutti(["resume", owner.id.slice(0, 24), "--json"], { cwd: here.dir });
  expect(resumed).toMatchObject({ code: 0 });
  const { tasks } = JSON.parse(resumed.stdout) as { tasks: { attempts: number }[] };
  // A worker that was lost spends no attempt.
  expect(tasks.map(({ attempts }) => attempts)).toEqual([1, 1]);
  expect(done(here)).toEqual([`${owner.id}/waits`, `${owner.id}/waits_2`]);
}, 60_000);

test("an owner whose socket is gone takes what others leave in the store", async () => {
  const here = project();
  const owner = await started("long", here);
  rmSync(here.path(".tutti/tutti.db.sock"));
  const other = startTutti(["run", "other", "--quiet"], { cwd: here.dir });
  opened(here, "third", "fourth");
  const ended: Ended = await other.ended;
  expect(ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/✓ succeeded in .*: 2 succeeded/) as string });
  expect(await tutti(["cancel", owner.id], { cwd: here.dir })).toMatchObject({ code: 0 });
  expect(await owner.process.ended).toMatchObject({ code: 1, stdout: expect.stringMatching(/cancelled in/) as string });
}, 60_000);

test("an owner that is suspended is named, and does what was asked of it when it goes on", async () => {
  const here = project();
  const owner = await started("long", here);
  owner.process.kill("SIGSTOP");
  const cancelled = await tutti(["cancel", owner.id], { cwd: here.dir });
  owner.process.kill("SIGCONT");
  expect(cancelled).toMatchObject({ code: 1, stdout: "" });
  expect(cancelled.stderr).toMatch(
    `error: Process ${owner.process.pid} ("tutti run long") owns the store and does not answer.`,
  );
  expect(await owner.process.ended).toMatchObject({ code: 1, stdout: expect.stringMatching(/cancelled in/) as string });
}, 60_000);
