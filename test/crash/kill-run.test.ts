import { availableParallelism } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { openSqliteReader } from "../../src/store/sqlite/open-sqlite-store.ts";
import { tempProject, type TempProject } from "../support/temp-project.ts";
import { startTutti, tutti } from "../support/tutti-process.ts";

/** `npm run test:crash` plays fifty; each takes about three seconds. */
const ROUNDS = Number(process.env.TUTTI_CRASH_ROUNDS ?? 3);
const SLOTS = availableParallelism() * 16;
const TASKS = 498;

const PIPELINE = `
import { appendFileSync } from "node:fs";
import { dag, task } from "tutti";

const list = task("list", () => Array.from({ length: ${TASKS} }, (_, i) => i));
const work = task("work", async ({ i }: { i: number }, ctx) => {
  appendFileSync("effects.txt", ctx.idempotencyKey + "\\n");
  await new Promise((resolve) => setTimeout(resolve, 1 + (i % 20)));
  return i;
});
const join = task("join", ({ all }: { all: readonly number[] }) => all.reduce((a, b) => a + b, 0));

export default dag("five_hundred", {}, () => {
  join({ all: work.map({ i: list() }) });
});
`;

test(
  `kill -9 of a run, and resume: nothing recorded runs again, nothing is lost (${ROUNDS} moments)`,
  { timeout: 20_000 * ROUNDS },
  async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const project = tempProject({ "pipelines/work.ts": PIPELINE });
      const owner = startTutti(["run", "five_hundred", "--json"], { cwd: project.dir });
      await untilEffects(project);
      // From the first effect to a little after the last one.
      await sleep(Math.random() * 350);
      owner.kill("SIGKILL");
      await owner.ended;
      const before = await recorded(project);

      const resumed = await tutti(["resume", "--json"], { cwd: project.dir });

      expect(resumed.code, resumed.stderr).toBe(0);
      expectEffects(project, before);
      expect((await recorded(project)).size).toBe(TASKS);
    }
  },
);

/** Keys whose task run is recorded as succeeded. */
async function recorded(project: TempProject): Promise<Set<string>> {
  const reader = await openSqliteReader({ path: project.path(".tutti/tutti.db") });
  const [run] = await reader.listRuns({ limit: 2 });
  const detail = run ? await reader.runDetail(run.id) : null;
  await reader.close();
  const succeeded = detail?.taskRuns.filter(({ task, state }) => task === "work" && state === "succeeded") ?? [];
  return new Set(succeeded.map(({ mapIndex }) => `${detail?.run.id}/work[${mapIndex}]`));
}

function expectEffects(project: TempProject, before: ReadonlySet<string>): void {
  const counts = new Map<string, number>();
  for (const key of project.read("effects.txt").trim().split("\n")) counts.set(key, (counts.get(key) ?? 0) + 1);
  const twice = [...counts].filter(([, count]) => count === 2);

  expect(counts.size).toBe(TASKS);
  expect([...counts].filter(([, count]) => count > 2)).toEqual([]);
  expect(twice.length).toBeLessThanOrEqual(SLOTS);
  expect(twice.filter(([key]) => before.has(key))).toEqual([]);
}

async function untilEffects(project: TempProject): Promise<void> {
  for (;;) {
    try {
      if (project.read("effects.txt").length > 0) return;
    } catch {
      await sleep(5);
    }
  }
}
