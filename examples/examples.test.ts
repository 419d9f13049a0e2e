import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { build } from "../src/authoring/build.ts";
import { simulate } from "../src/testing/simulate.ts";
import branches from "./patterns/pipelines/branches.ts";
import fanOut from "./patterns/pipelines/fan-out.ts";
import groups from "./patterns/pipelines/groups.ts";
import retail from "./retail/pipelines/retail.ts";

const files = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap((project) =>
    readdirSync(join(import.meta.dirname, project.name, "pipelines")).map(
      (file) => `./${project.name}/pipelines/${file}`,
    ),
  );

it.each(files)("%s is a workflow that can be built", async (file) => {
  const { default: workflow } = await import(file);
  expect(build(workflow).manifest.tasks.length).toBeGreaterThan(0);
});

describe("retail", () => {
  it("a day without orders succeeds, with its load skipped and its channel told", () => {
    const { run, tasks } = simulate(retail, { outcomes: { extract: "skipped" } });
    expect(run).toBe("succeeded");
    expect(tasks).toEqual({
      extract: "skipped",
      sales_by_region: "skipped",
      top_products: "skipped",
      load: "skipped",
      notify: "succeeded",
    });
  });

  it("tells nobody of a day whose load failed", () => {
    const { run, tasks } = simulate(retail, { outcomes: { load: "failed" } });
    expect(run).toBe("failed");
    expect(tasks["notify"]).toBe("upstream_failed");
  });
});

describe("patterns", () => {
  it("a branch's other arm is skipped, and the report has the value of the one taken", () => {
    expect(simulate(branches, { outcomes: { bulk: "skipped" } })).toMatchObject({
      run: "succeeded",
      tasks: { trickle: "succeeded", report: "succeeded" },
    });
  });

  it("an audit that fails for one store does not fail the run", () => {
    const { run, tasks } = simulate(fanOut, {
      mapLengths: { audit: 3, count_sales: 3 },
      outcomes: { audit: ["succeeded", "failed", "succeeded"] },
    });
    expect({ run, triage: tasks["triage"] }).toEqual({ run: "succeeded", triage: "succeeded" });
  });

  it("the clean-up runs whatever happened to the groups", () => {
    expect(simulate(groups, { outcomes: { check: "failed" } })).toMatchObject({
      run: "failed",
      tasks: { clean_up: "succeeded" },
    });
  });
});
