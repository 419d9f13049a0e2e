import { expect, test } from "vitest";
import { tempProject } from "../support/temp-project.ts";
import { tutti } from "../support/tutti-process.ts";

const PIPELINE = `
import { cron, dag, daily, rrule, task } from "tutti";
const load = task("load", () => {});
export const one = dag("one", { schedule: daily({ at: "06:00", timezone: "Europe/London" }), start: "2025-08-12", end: "2025-08-14" }, () => void load());
export const two = dag("two", { schedule: [cron("0 9 * * *", { name: "morning", skip: (date) => date === "2025-08-13" }), "@hourly"] }, () => void load());
export const pay = dag("pay", { schedule: rrule("FREQ=MONTHLY;BYDAY=FR;BYSETPOS=-1;BYHOUR=18;BYMINUTE=0", { timezone: "Europe/Berlin" }) }, () => void load());
export const none = dag("none", {}, () => void load());
`;

const preview = async (cwd: string, ...args: string[]) => {
  const { stdout, stderr, code } = await tutti(["schedule", "preview", ...args], { cwd });
  return { code, stderr, stdout, runs: args.includes("--json") && code === 0 ? (JSON.parse(stdout) as unknown) : null };
};

test("an expression needs no project, and clock changes are told in words", async () => {
  const { dir } = tempProject();
  const spring = await preview(
    dir,
    "30 2 * * *",
    "--timezone",
    "Europe/Zurich",
    "--after",
    "2026-03-28T12:00",
    "--count",
    "1",
  );
  expect(spring.stdout).toContain("2026-03-29 03:00 +02:00");
  expect(spring.stdout).toContain("02:30 does not exist that day, so it fires at 03:00, the first moment after.");
  const autumn = await preview(
    dir,
    "30 2 * * *",
    "--timezone",
    "Europe/Zurich",
    "--after",
    "2026-10-24T12:00",
    "--count",
    "1",
  );
  expect(autumn.stdout).toContain("02:30 comes twice that day, and it fires once, at the second.");
  const both = await preview(
    dir,
    "*/30 * * * *",
    "--timezone",
    "Europe/Zurich",
    "--after",
    "2026-10-25T02:15",
    "--count",
    "3",
  );
  expect(both.stdout.match(/it fires both times; this is the (first|second)/g)).toHaveLength(3);
  const day = await preview(
    dir,
    "@daily",
    "--timezone",
    "Australia/Lord_Howe",
    "--after",
    "2023-10-01T12:00",
    "--count",
    "1",
  );
  expect(day.stdout).toContain("the window is 23 h 30 min long, which the clocks show as 1 d.");
});

test("--json is the list of runs, and nothing else", async () => {
  const { dir } = tempProject();
  const { runs } = await preview(
    dir,
    "0 2 * * *",
    "--timezone",
    "Europe/Zurich",
    "--after",
    "2023-03-25T12:00Z",
    "--count",
    "2",
    "--json",
  );
  expect(runs).toEqual([
    {
      fireAt: "2023-03-26T01:00:00.000Z",
      window: { start: "2023-03-25T01:00:00.000Z", end: "2023-03-26T01:00:00.000Z" },
    },
    {
      fireAt: "2023-03-27T00:00:00.000Z",
      window: { start: "2023-03-26T01:00:00.000Z", end: "2023-03-27T00:00:00.000Z" },
    },
  ]);
});

test("every kind of expression is read", async () => {
  const { dir } = tempProject();
  const first = async (expression: string) =>
    (
      (await preview(dir, expression, "--after", "2025-08-12T10:00Z", "--count", "1", "--json")).runs as {
        fireAt: string;
      }[]
    )[0]?.fireAt.slice(0, 16);
  expect(
    await Promise.all(
      ["@weekly", "every 90m", "0 6 * * *; 30 18 * * *", "30 0 12 * * MON#2", "FREQ=DAILY;BYHOUR=7;BYMINUTE=0"].map(
        first,
      ),
    ),
  ).toEqual(["2025-08-17T00:00", "2025-08-12T10:30", "2025-08-12T18:30", "2025-09-08T12:00", "2025-08-13T07:00"]);
});

test("a workflow's schedules stand where it says, each run with the name of its own", async () => {
  const { dir } = tempProject({ "pipelines/p.ts": PIPELINE });
  const one = await preview(dir, "one", "--after", "2025-08-01", "--json");
  expect(one.runs).toMatchObject([{ fireAt: "2025-08-13T05:00:00.000Z" }, { fireAt: "2025-08-14T05:00:00.000Z" }]);
  const two = await preview(dir, "two", "--after", "2025-08-13T08:30", "--count", "30", "--json");
  const mornings = (two.runs as { schedule: string; fireAt: string }[]).filter(
    ({ schedule }) => schedule === "morning",
  );
  expect(mornings.map(({ fireAt }) => fireAt.slice(0, 10))).toEqual(["2025-08-14"]);
  const pay = await preview(dir, "pay", "--after", "2025-08-12", "--count", "1", "--file", "pipelines/p.ts");
  expect(pay.stdout).toContain("2025-08-29 18:00 +02:00");
});

test("what can't be shown is one clear error", async () => {
  const { dir } = tempProject({ "pipelines/p.ts": PIPELINE });
  const refused = async (...args: string[]) => {
    const { code, stderr } = await preview(dir, ...args);
    expect(code).not.toBe(0);
    return stderr;
  };
  expect(await refused("0 0 30 2 *")).toMatch(/no date ever matches it, so it never fires.*\[BAD_CRON\]/);
  expect(await refused("@dayly")).toMatch(/Did you mean "@daily"\?.*\[BAD_SCHEDULE\]/);
  expect(await refused("0 6 * * *", "--timezone", "Europe/Londn")).toMatch(/\[BAD_TIMEZONE\]/);
  expect(await refused("every 0s")).toMatch(/\[BAD_SCHEDULE\]/);
  expect(await refused("FREQ=DAILYBAD")).toMatch(/\[BAD_RRULE\]/);
  expect(await refused("0 6 * * *", "--after", "noon")).toMatch(/\[BAD_DATE\]/);
  expect(await refused("0 6 * * *", "--count", "0")).toMatch(/--count 0/);
  expect(await refused("nothing")).toMatch(/\[WORKFLOW_NOT_FOUND\]/);
  expect(await refused("none")).toMatch(/"none" has no schedule/);
  const { stderr } = await tutti(["schedule", "show", "one"], { cwd: dir });
  expect(stderr).toMatch(/can "preview", not "show"/);
});
