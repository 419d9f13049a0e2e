import { expect, test } from "vitest";
import { tempProject } from "../support/temp-project.ts";
import { startTutti, tutti } from "../support/tutti-process.ts";

const PIPELINE = `
import { appendFileSync } from "node:fs";
import { flow, task } from "tutti";
const fields = (properties: object) => ({ "~standard": { version: 1 as const, vendor: "test", validate: (value: any) => ({ value }),
  jsonSchema: { input: () => ({ type: "object", properties, required: Object.keys(properties) }) } } });
const count = task("count", { retries: 1 }, async ({ page }: { page: number }, ctx) => {
  appendFileSync("effects.txt", page + "\\n");
  if (page === 1 && ctx.attempt === 1) throw new Error("once");
  return page * 10;
});
export const crawl = flow("crawl", { params: fields({ pages: { type: "number" } }) }, async ({ pages }, ctx) => {
  const counts = await Promise.all(Array.from({ length: pages }, (_, page) => ctx.run(count, { page })));
  const answer = await ctx.approval({ title: "Keep them?", form: fields({ name: { type: "string" } }) });
  return { sum: counts.reduce((a, b) => a + b, 0), approved: answer.approved, name: answer.form?.name };
});
`;

interface Shown {
  readonly run: { readonly state: string };
  readonly tasks: readonly {
    readonly name: string;
    readonly mapIndex: number | null;
    readonly attempts: number;
    readonly output?: unknown;
  }[];
}

test("a flow runs its tasks, asks a person, is killed while it waits, and ends with the answer", async () => {
  const project = tempProject({ "pipelines/crawl.ts": PIPELINE });
  const { dir } = project;
  const on = { cwd: dir };
  const owner = startTutti(["run", "crawl", "--param", "pages=3"], on);
  await owner.saw(/crawl.*waits/);
  const list = async () =>
    JSON.parse((await tutti(["approvals", "--json"], on)).stdout) as { id: string; form: object }[];
  let [asked] = await list();
  while (asked === undefined) [asked] = await list();
  expect(asked).toMatchObject({ title: "Keep them?", state: "open", workflow: "crawl", task: "crawl" });

  const without = await tutti(["approve", asked.id], on);
  expect([without.code, without.stderr]).toEqual([1, expect.stringContaining("APPROVAL_FORM_INVALID")]);
  owner.kill("SIGKILL");
  await owner.ended;

  const resumed = startTutti(["resume", "--json"], on);
  let approved = await tutti(["approve", asked.id, "--data", '{"name": "all"}', "--comment", "yes"], on);
  // The next owner may not be there yet.
  while (approved.code !== 0 && approved.stderr.includes("OWNER"))
    approved = await tutti(["approve", asked.id, "--data", '{"name": "all"}'], on);
  expect(approved.code, approved.stderr).toBe(0);
  const { code, stdout, stderr } = await resumed.ended;
  expect(code, stderr).toBe(0);

  const { run, tasks } = JSON.parse(stdout) as Shown;
  expect(run.state).toBe("succeeded");
  expect(tasks.map(({ name, mapIndex, attempts }) => [name, mapIndex, attempts])).toEqual([
    ["crawl", null, 1],
    ["count", 0, 1],
    ["count", 1, 2],
    ["count", 2, 1],
  ]);
  expect(tasks[0]?.output).toEqual({ sum: 30, approved: true, name: "all" });
  expect(project.read("effects.txt").trim().split("\n").toSorted()).toEqual(["0", "1", "1", "2"]);
  const again = await tutti(["reject", asked.id], on);
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining("APPROVAL_")]);
});

test("a task starts a run of a workflow that has never run here, with the code as it stands in its file now", async () => {
  const called = (text: string) =>
    `import { flow } from "tutti";\nexport const figures = flow("figures", {}, async () => "${text}");\n`;
  const project = tempProject({
    "pipelines/figures.ts": called("first"),
    "pipelines/report.ts": `
import { flow } from "tutti";
export const report = flow("report", {}, async (_, ctx) => (await ctx.runWorkflow("figures")).output);`,
  });
  const outputOf = async () => {
    const { code, stdout, stderr } = await tutti(["run", "report", "--json"], { cwd: project.dir });
    expect(code, stderr).toBe(0);
    return (JSON.parse(stdout) as Shown).tasks[0]?.output;
  };
  expect(await outputOf()).toBe("first");
  project.write("pipelines/figures.ts", called("second"));
  expect(await outputOf()).toBe("second");
});
