import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { openSqliteReader } from "../../../src/store/sqlite/open-sqlite-store.ts";
import { tempProject, type TempProject } from "../../support/temp-project.ts";
import { startTutti, type TuttiProcess } from "../../support/tutti-process.ts";

const MOMENTS = 12;
const CALLS = 45;
/** Side by side. */
const BESIDE = 3;

const PIPELINE = `
import { appendFileSync } from "node:fs";
import { flow } from "tutti";
const say = (text: string) => appendFileSync("effects.txt", text + "\\n");
const params = { "~standard": { version: 1 as const, vendor: "test", validate: (value: any) => ({ value }),
  jsonSchema: { input: () => ({ type: "object", properties: { n: { type: "number" } }, required: ["n"] }) } } };
export const called = flow("called", { params }, async ({ n }, ctx) => {
  say("ran " + n + " in " + ctx.runInfo.id);
  return n;
});
export const calling = flow("calling", {}, async (_, ctx) => {
  let sum = 0;
  for (let n = 0; n < ${CALLS}; n += ${BESIDE}) {
    say("asks " + n);
    const runs = await Promise.all(Array.from({ length: ${BESIDE} }, (_, i) => ctx.runWorkflow(called, { n: n + i })));
    sum += runs.reduce((all, { output }) => all + (output as number), 0);
  }
  return sum;
});`;

test(
  `a task that starts ${CALLS} runs of another workflow, killed at ${MOMENTS} moments: each is started once`,
  { timeout: 60_000 + 30_000 * MOMENTS },
  async () => {
    const project = tempProject({ "pipelines/calls.ts": PIPELINE });
    let process: TuttiProcess = startTutti(["run", "calling", "--json"], { cwd: project.dir });
    for (let moment = 0; moment < MOMENTS; moment++) {
      // It asks for others: what dies three times at the same thing is given up, as it has to be.
      const before = asked(project);
      await Promise.race([until(() => asked(project) > before), process.ended]);
      // Until the runs are there, and until they have ended, are some milliseconds each.
      await sleep(Math.random() * 60);
      process.kill("SIGKILL");
      await process.ended;
      process = startTutti(["resume", "--json"], { cwd: project.dir });
    }
    const { code, stderr } = await process.ended;
    expect(code, stderr).toBe(0);

    const reader = await openSqliteReader({ path: project.path(".tutti/tutti.db") });
    try {
      const [calling] = await reader.listRuns({ workflow: "calling", limit: 10 });
      const body = (await reader.runDetail(calling!.id))?.taskRuns[0];
      expect(body?.state, JSON.stringify(body?.error)).toBe("succeeded");
      expect(body?.output).toEqual({ kind: "inline", text: `[${(CALLS * (CALLS - 1)) / 2}]` });
      const called = await reader.listRuns({ workflow: "called", limit: 1_000 });
      expect(called.map(({ state }) => state)).toEqual(Array(CALLS).fill("succeeded"));
    } finally {
      await reader.close();
    }
    const ran = effects(project).filter((line) => line.startsWith("ran "));
    // One of them may have run again after a kill, and is the same run then.
    expect(new Set(ran).size).toBe(CALLS);
    expect(new Set(ran.map((line) => line.split(" ")[1])).size).toBe(CALLS);
  },
);

function effects(project: TempProject): string[] {
  try {
    return project.read("effects.txt").split("\n").filter(Boolean);
  } catch {
    return [];
  }
}

const asked = (project: TempProject): number =>
  new Set(effects(project).filter((line) => line.startsWith("asks "))).size;

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(10);
}
