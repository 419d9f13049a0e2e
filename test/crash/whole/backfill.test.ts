import { existsSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { postgresProject } from "../../support/postgres-project.ts";
import { PostgresServer } from "../../support/postgres-server.ts";

/** Leaves a line for each start of its task: the run, and its date. From the sixth window on it waits until it is let go. */
const PIPELINE = `
import { dag, task } from "tutti";
import { appendFileSync, existsSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
const leaves = task("leaves", { retries: 2 }, async (_: void, ctx) => {
  appendFileSync(new URL("../done.txt", import.meta.url), ctx.runInfo.id + " " + ctx.date + "\\n");
  while (ctx.date > "2025-01-05" && !existsSync(new URL("../go.txt", import.meta.url))) await setTimeout(20);
});
export const days = dag("days", { schedule: "@daily", maxActiveRuns: 4 }, () => void leaves());
`;

let server: PostgresServer;
beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(() => server.stop());

test("of several schedulers every window of a backfill has one run, also when one is killed", async () => {
  const here = await postgresProject(server, { "pipelines/days.ts": PIPELINE });
  expect(await here.tutti(["deploy"])).toMatchObject({ code: 0 });
  const asked = await here.tutti([
    "backfill",
    "days",
    "--from",
    "2025-01-01",
    "--to",
    "2025-01-20",
    "--detach",
    "--json",
  ]);
  const { backfill } = JSON.parse(asked.stdout) as { backfill: { id: string } };
  const lines = (): string[] => (existsSync(here.path("done.txt")) ? here.read("done.txt").trim().split("\n") : []);
  const first = here.start(["start"]);
  await expect.poll(() => lines().some((line) => line.endsWith("2025-01-06")), { timeout: 30_000 }).toBe(true);
  await here.start(["start"]).saw(/^Process/);
  first.killGroup();
  await first.ended;
  here.write("go.txt", "");

  const ended = await here.tutti(["backfill", "resume", backfill.id, "--json"]);
  expect(ended).toMatchObject({ code: 0 });
  expect(JSON.parse(ended.stdout)).toMatchObject({
    backfill: { state: "succeeded", total: 20, counts: { succeeded: 20, todo: 0, in_flight: 0, skipped: 0 } },
  });
  const runs = new Map<string, Set<string>>();
  for (const line of lines()) {
    const [run = "", date = ""] = line.split(" ");
    runs.set(date, (runs.get(date) ?? new Set()).add(run));
  }
  expect(runs.size).toBe(20);
  for (const of of runs.values()) expect(of.size).toBe(1);
});
