import { afterAll, beforeAll, expect, test } from "vitest";
import { openPostgresReader } from "../../../src/store/postgres/open-postgres-store.ts";
import type { WindowRecord } from "../../../src/store/schedules.ts";
import { type PostgresProject, postgresProject } from "../../support/postgres-project.ts";
import { PostgresServer } from "../../support/postgres-server.ts";

const PIPELINE = `
import { cron, dag, every, task } from "tutti";
const says = task("says", ({ region }: { region: string }) => region);
const slow = task("slow", () => new Promise((resolve) => setTimeout(resolve, 1_500)));
const params = { "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value: value as { region: string } }) } } as const;
const every1 = (name: string, region: string) => cron("* * * * * *", { name, params: { region } });
export const ticks = dag(
  "ticks",
  { params, schedule: [every1("emea", "emea"), every1("apac", "apac")] },
  ({ params }) => void says({ region: params.region }),
);
export const one = dag("one", { schedule: every("1s"), overlap: "skip" }, () => void slow());
`;
const FIRED = /(?:ticks {2}(?:emea|apac) [^]*?){4}/;

let server: PostgresServer;
beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(() => server.stop());

async function windowsOf(
  { url }: PostgresProject,
  workflow: string,
  schedule: string,
): Promise<readonly WindowRecord[]> {
  const reader = await openPostgresReader({ url });
  try {
    return await reader.listWindows({ workflow, schedule, from: 0, to: 4e15, limit: 10_000 });
  } finally {
    await reader.close();
  }
}

test("of several schedulers each window is fired once, also when one is killed; a pause reaches all of them", async () => {
  const here = await postgresProject(server, { "pipelines/ticks.ts": PIPELINE });
  expect(await here.tutti(["deploy"])).toMatchObject({ code: 0 });
  const both = here.start(["start"]);
  await both.saw(FIRED);
  const schedules = here.start(["start", "--role", "scheduler"]);
  const third = here.start(["start"]);
  for (const process of [schedules, third]) await process.saw(/^Process/);
  both.kill("SIGKILL");
  await both.ended;
  await Promise.any([schedules, third].map((process) => process.saw(FIRED)));
  for (const workflow of ["ticks", "one"]) expect(await here.tutti(["pause", workflow])).toMatchObject({ code: 0 });
  const paused = (await windowsOf(here, "ticks", "emea")).length;
  // What runs ends; a pause starts nothing more.
  const ended = async () => {
    const runs = JSON.parse((await here.tutti(["runs", "--json", "--limit", "1000"])).stdout) as { state: string }[];
    return runs.every(({ state }) => state === "succeeded") ? runs.length : null;
  };
  let runs = await ended();
  for (; runs === null; runs = await ended());

  let made = 0;
  for (const [workflow, schedule] of [
    ["ticks", "emea"],
    ["ticks", "apac"],
    ["one", "schedule"],
  ] as const) {
    const windows = await windowsOf(here, workflow, schedule);
    const starts = windows.map(({ startsAt }) => startsAt);
    expect(starts.slice(1).every((start, place) => start === (starts[place] ?? 0) + 1_000_000)).toBe(true);
    const ids = windows.flatMap(({ runId }) => (runId === null ? [] : [runId]));
    expect(new Set(ids).size).toBe(ids.length);
    // Between the deployment and the first scheduler nobody was up.
    const up = windows.slice(windows.findIndex(({ state }) => state === "run"));
    if (workflow === "ticks")
      expect(up.map(({ state, lastOutcome }) => `${state} ${lastOutcome}`)).toEqual(up.map(() => "run succeeded"));
    else expect(windows.some(({ state }) => state === "passed_over")).toBe(true);
    made += ids.length;
  }
  expect(runs).toBe(made);
  expect(await windowsOf(here, "ticks", "emea")).toHaveLength(paused);
  for (const process of [schedules, third]) {
    process.kill("SIGTERM");
    expect(await process.ended).toMatchObject({ code: 0 });
  }
});
