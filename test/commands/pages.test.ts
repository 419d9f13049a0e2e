import { chmodSync } from "node:fs";
import { expect, test } from "vitest";
import { pageProject } from "../support/page-project.ts";
import { tutti } from "../support/tutti-process.ts";

test("the pipeline on the page of commands runs", async () => {
  const project = pageProject("docs/connectors/shell.md", {
    "raw/all.csv": "2025-08-12,a\n2025-08-12,b\n2025-08-13,c\n",
    "report.sh": `#!/bin/sh\necho "$@" > report.txt\n`,
  });
  chmodSync(project.path("report.sh"), 0o755);
  const run = await tutti(["run", "sales", "--date", "2025-08-12"], { cwd: project.dir });
  expect(run.code, run.stdout + run.stderr).toBe(0);
  expect(project.read("report.txt")).toBe("--day 2025-08-12 --rows 2\n");
});
