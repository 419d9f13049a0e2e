import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { openSqliteReader } from "../../src/store/sqlite/open-sqlite-store.ts";
import { tempProject, type TempProject } from "../support/temp-project.ts";
import { startTutti, type TuttiProcess } from "../support/tutti-process.ts";

/** `npm run test:crash` plays twenty moments in a body of a thousand steps. */
const IS_SHORT = process.env["TUTTI_CRASH_ROUNDS"] === undefined;
const MOMENTS = IS_SHORT ? 2 : 20;
const STEPS = IS_SHORT ? 60 : 1_000;

const HEAD = `
import { appendFileSync } from "node:fs";
import { dag, task } from "tutti";
const say = (text: string) => appendFileSync("effects.txt", text + "\\n");
`;

test(
  `a body of ${STEPS} steps, killed at ${MOMENTS} moments: each step that was recorded happened once`,
  { timeout: 30_000 + 20_000 * MOMENTS },
  async () => {
    const project = tempProject({
      "pipelines/long.ts": `${HEAD}
const long = task("long", async (_: void, ctx) => {
  let sum = 0;
  for (let i = 0; i < ${STEPS}; i++) {
    sum += await ctx.step("one", () => { say(String(i)); return i; });
    if (i % 50 === 49) await ctx.sleep(20);
  }
  return sum;
});
export default dag("long", {}, () => { long(); });`,
    });
    let process: TuttiProcess = startTutti(["run", "long"], { cwd: project.dir });
    for (let moment = 0; moment < MOMENTS; moment++) {
      const before = effects(project).length;
      await Promise.race([until(() => effects(project).length > before), process.ended]);
      await sleep(Math.random() * 40);
      process.kill("SIGKILL");
      await process.ended;
      process = startTutti(["resume"], { cwd: project.dir });
    }
    await process.ended;

    expect(await stateOf(project)).toBe("succeeded");
    const counts = Map.groupBy(effects(project), (line) => line);
    expect(counts.size).toBe(STEPS);
    // Of each life, the step that had begun and was not recorded.
    const extra = effects(project).length - STEPS;
    expect(extra).toBeLessThanOrEqual(MOMENTS);
  },
);

function effects(project: TempProject): string[] {
  try {
    return project.read("effects.txt").split("\n").filter(Boolean);
  } catch {
    return [];
  }
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(10);
}

async function stateOf(project: TempProject): Promise<string | undefined> {
  const reader = await openSqliteReader({ path: project.path(".tutti/tutti.db") });
  const [run] = await reader.listRuns({ limit: 1 });
  await reader.close();
  return run?.state;
}
