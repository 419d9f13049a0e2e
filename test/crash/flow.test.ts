import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { openSqliteReader } from "../../src/store/sqlite/open-sqlite-store.ts";
import type { RunDetail } from "../../src/store/reader.ts";
import { tempProject, type TempProject } from "../support/temp-project.ts";
import { startTutti, type TuttiProcess } from "../support/tutti-process.ts";

/** `npm run test:crash` plays twenty moments in a flow of a thousand steps. */
const MOMENTS = process.env.TUTTI_CRASH_ROUNDS === undefined ? 3 : 20;
const STEPS = process.env.TUTTI_CRASH_ROUNDS === undefined ? 120 : 1_000;
/** Side by side in one round of the flow: tasks and steps. */
const TASKS = 8;
const ROUNDS = STEPS / (TASKS + 2);

test(
  `a flow of ${STEPS} steps, killed at ${MOMENTS} moments: what was recorded happened once, and nothing is missing`,
  { timeout: 30_000 + 30_000 * MOMENTS },
  async () => {
    const project = tempProject({
      "pipelines/long.ts": `
import { appendFileSync } from "node:fs";
import { flow, task } from "tutti";
const say = (text: string) => appendFileSync("effects.txt", text + "\\n");
const one = task("one", async ({ round, place }: { round: number; place: number }) => {
  say("task " + round + "." + place);
  return place;
});
export const long = flow("long", {}, async (_, ctx) => {
  let sum = 0;
  for (let round = 0; round < ${ROUNDS}; round++) {
    const all = await Promise.all([
      ...Array.from({ length: ${TASKS} }, (_, place) => ctx.run(one, { round, place })),
      ctx.step("beside", () => { say("step " + round); return 1; }),
    ]);
    sum += all.reduce((a, b) => a + b, 0);
    sum += await ctx.step("after", () => { say("after " + round); return 1; });
    if (round % 10 === 9) await ctx.sleep(20);
  }
  return sum;
});`,
    });
    let process: TuttiProcess = startTutti(["run", "long", "--json"], { cwd: project.dir });
    for (let moment = 0; moment < MOMENTS; moment++) {
      // Something new: what dies three times at the same thing is given up, as it has to be.
      const before = distinct(project);
      await Promise.race([until(() => distinct(project) > before), process.ended]);
      await sleep(Math.random() * 20);
      process.kill("SIGKILL");
      await process.ended;
      process = startTutti(["resume", "--json"], { cwd: project.dir });
    }
    await process.ended;

    const { run, taskRuns } = await recorded(project);
    const errors = taskRuns.flatMap(({ error }) => (error ? JSON.stringify(error) : []));
    expect(run.state, errors.join("\n")).toBe("succeeded");
    const output = taskRuns.find(({ task }) => task === "long")?.output;
    expect(output).toEqual({ kind: "inline", text: `[${ROUNDS * (28 + 2)}]` });
    const ran = taskRuns.filter(({ task }) => task === "one");
    expect(ran).toHaveLength(ROUNDS * TASKS);
    expect(ran.every(({ state }) => state === "succeeded")).toBe(true);
    const counts = Map.groupBy(effects(project), (line) => line);
    expect(counts.size).toBe(STEPS);
    // Of each life, what had begun and was not recorded: the tasks of one round, and its steps.
    expect(effects(project).length - STEPS).toBeLessThanOrEqual(MOMENTS * (TASKS + 2));
  },
);

async function recorded(project: TempProject): Promise<RunDetail> {
  const reader = await openSqliteReader({ path: project.path(".tutti/tutti.db") });
  try {
    const [run] = await reader.listRuns({ limit: 1 });
    return (await reader.runDetail(run?.id ?? ""))!;
  } finally {
    await reader.close();
  }
}

function effects(project: TempProject): string[] {
  try {
    return project.read("effects.txt").split("\n").filter(Boolean);
  } catch {
    return [];
  }
}

const distinct = (project: TempProject): number => new Set(effects(project)).size;

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(10);
}
