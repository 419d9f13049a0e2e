import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { tempProject } from "../support/temp-project.ts";
import { startTutti, tutti } from "../support/tutti-process.ts";

/** Leaves a line for each start of its task: the run, and its date. From the fifth window on it waits until it is let go. */
const PIPELINE = `
import { dag, task } from "tutti";
import { appendFileSync, existsSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
const leaves = task("leaves", async (_: void, ctx) => {
  appendFileSync(new URL("../done.txt", import.meta.url), ctx.runInfo.id + " " + ctx.date + "\\n");
  while (ctx.date > "2025-01-04" && !existsSync(new URL("../go.txt", import.meta.url))) await setTimeout(20);
});
export const days = dag("days", { schedule: "@daily" }, () => void leaves());
`;
const ASKED = ["backfill", "days", "--from", "2025-01-01", "--to", "2025-01-12", "--max-active-runs", "3"];

interface Shown {
  readonly backfill: { readonly id: string; readonly state: string; readonly counts: Record<string, number> };
}

test("a backfill goes on after kill -9 in its middle, and every window has one run", async () => {
  const project = tempProject({ "pipelines/days.ts": PIPELINE });
  const { dir } = project;
  const first = startTutti(ASKED, { cwd: dir });
  const lines = (): string[] =>
    existsSync(project.path("done.txt")) ? project.read("done.txt").trim().split("\n") : [];
  await expect.poll(() => lines().some((line) => line.endsWith("2025-01-07")), { timeout: 20_000 }).toBe(true);
  first.killGroup();
  await first.ended;

  const [listed] = JSON.parse(
    (await tutti(["backfill", "list", "--json"], { cwd: dir })).stdout,
  ) as Shown["backfill"][];
  expect(listed).toMatchObject({ state: "running", counts: { succeeded: expect.any(Number) } });
  const preview = await tutti([...ASKED, "--dry-run", "--json"], { cwd: dir });
  const { windows } = JSON.parse(preview.stdout) as { windows: { action: string; reason: string }[] };
  expect(windows.slice(0, 4).map(({ reason }) => reason)).toEqual(Array(4).fill("already_exists"));
  expect(windows.slice(4, 7).map(({ reason }) => reason)).toEqual(Array(3).fill("in_flight"));

  project.write("go.txt", "");
  const resumed = await tutti(["backfill", "resume", listed!.id.slice(0, 12), "--json"], { cwd: dir });
  expect(resumed).toMatchObject({ code: 0 });
  expect((JSON.parse(resumed.stdout) as Shown).backfill).toMatchObject({
    state: "succeeded",
    total: 12,
    counts: {
      succeeded: 12,
      todo: 0,
      running: 0,
      failed: 0,
      in_flight: 0,
      skipped: 0,
    },
  });
  const runs = new Map<string, Set<string>>();
  for (const line of lines()) {
    const [run = "", date = ""] = line.split(" ");
    runs.set(date, (runs.get(date) ?? new Set()).add(run));
  }
  expect(runs.size).toBe(12);
  for (const of of runs.values()) expect(of.size).toBe(1);
});
