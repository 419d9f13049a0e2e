import { expect, test } from "vitest";
import { tempProject } from "../support/temp-project.ts";
import { tutti } from "../support/tutti-process.ts";
import { codeBlocks, readPage } from "./page.ts";

/** The files that a page's blocks are, by the path in their first line. */
function filesOn(page: string): Record<string, string> {
  const blocks = codeBlocks(readPage(page)).filter(({ language }) => language === "ts");
  return Object.fromEntries(
    blocks.flatMap(
      ({ text }) =>
        /^\/\/ ([\w./-]+)\n/
          .exec(text)
          ?.slice(1)
          .map((file) => [file, text]) ?? [],
    ),
  );
}

test("the README's pipeline runs", async () => {
  const project = tempProject(filesOn("README.md"));
  const { code, stdout } = await tutti(["run", "sales", "--date", "2025-08-12", "--json"], { cwd: project.dir });
  const { run, tasks } = JSON.parse(stdout) as { run: { state: string }; tasks: { name: string; output: unknown }[] };
  expect({ code, state: run.state, total: tasks.find(({ name }) => name === "total")?.output }).toEqual({
    code: 0,
    state: "succeeded",
    total: 15,
  });
});

test("the pipeline of the first ten minutes runs, and its typo is told", async () => {
  const project = tempProject(filesOn("docs/start.md"));
  const file = "pipelines/orders.ts";
  const ran = await tutti(["run", "orders", "--date", "2025-08-12", "--quiet"], { cwd: project.dir });
  expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining("succeeded") as string });
  project.write(file, project.read(file).replace("  sum({ parts });", "  sum({ parts });\n  console.log(`${parts}`);"));
  const checked = await tutti(["check"], { cwd: project.dir });
  expect(checked).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(
      /"fetch_orders" in workflow "orders" was used as text.*\[REF_USED_AS_VALUE\]/,
    ) as string,
  });
});
