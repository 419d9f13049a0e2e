import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { axe } from "./axe.ts";
import { World } from "./world.ts";

let world: World;

beforeAll(async () => {
  world = await World.begin();
  for (const day of ["01", "02", "03"]) await world.run("nightly", { broken: true }, `2026-11-${day}`);
  await world.run("nightly", {}, "2026-11-04");
  await world.run("wide");
});
afterAll(async () => {
  await world?.end();
});

const bar = (page: Page, noun: string) => page.getByRole("region", { name: `Chosen ${noun}s` });
const box = (page: Page, name: string) => page.getByRole("checkbox", { name });
const press = (page: Page, noun: string, name: string) =>
  bar(page, noun).getByRole("button", { name, exact: true }).click();

test("rows are chosen by key, by Shift and all at once, and each says what came of the act", async () => {
  const page = await world.open("/runs?workflow=nightly");
  await box(page, "choose nightly 2026-11-04").check();
  await box(page, "choose nightly 2026-11-02").click({ modifiers: ["Shift"] });
  await bar(page, "run").getByText("3 runs chosen").waitFor();
  await page.keyboard.press("Escape");
  await bar(page, "run").waitFor({ state: "detached" });
  await page.keyboard.press("j");
  await page.keyboard.press("x");
  for (const key of ["j", "j", "j", "X"]) await page.keyboard.press(key);
  await bar(page, "run").getByText("4 runs chosen").waitFor();
  expect(await box(page, "choose all runs that are shown").isChecked()).toBe(true);
  await press(page, "run", "Retry…");
  await bar(page, "run")
    .getByText("Only runs that failed or were cancelled are meant: 1 of the 4 chosen stays as it is.")
    .waitFor();
  expect(await axe(page)).toEqual([]);
  // The focus is on the answer already.
  await page.keyboard.press("Enter");
  await bar(page, "run").getByText("Done with 3 runs.").waitFor();
  const { items } = await world.ask<{ items: { generation: number }[] }>("GET", "/api/runs?workflow=nightly");
  expect(items.map(({ generation }) => generation).toSorted((a, b) => a - b)).toEqual([1, 2, 2, 2]);
  for (const { id } of (await world.ask<{ items: { id: string }[] }>("GET", "/api/runs?workflow=nightly")).items)
    await world.ended(id);
  await page.context().close();
});

test("what is refused says so in its row, and keeps nothing else back", async () => {
  const until = join(world.folder, "stop-bulk");
  const begin = async (): Promise<string> =>
    (await world.ask<{ id: string }>("POST", "/api/runs", { workflow: "slow", params: { until } })).id;
  const ids = [await begin(), await begin()];
  const page = await world.open("/runs?workflow=slow");
  await page
    .getByRole("row", { name: /running/ })
    .nth(1)
    .waitFor();
  await box(page, "choose all runs that are shown").check();
  await press(page, "run", "Cancel…");
  // Meanwhile one of them is over.
  await page.route("**/api/runs/bulk", async (route) => {
    await world.ask("POST", `/api/runs/${ids[0]}/cancel`);
    await world.ended(ids[0]!);
    await route.continue();
  });
  await press(page, "run", "Cancel 2 runs");
  await bar(page, "run").getByText("Done with 1 run; 1 refused, as their rows say.").waitFor();
  await page.getByRole("row", { name: /has already ended/ }).waitFor();
  writeFileSync(until, "");
  for (const id of ids) await world.ended(id);
  await page.context().close();
});

test("tasks of many runs are marked and cleared, of one workflow at a time", async () => {
  const page = await world.open("/runs");
  await box(page, "choose all runs that are shown").check();
  await press(page, "run", "Mark tasks of…");
  expect(
    await bar(page, "run")
      .getByRole("button", { name: /^Mark tasks of \d/ })
      .getAttribute("title"),
  ).toBe("Choose runs of one workflow.");
  await page.goto(`${world.origin}/runs?workflow=nightly&state=failed`);
  await box(page, "choose nightly 2026-11-01").check();
  await box(page, "choose nightly 2026-11-02").check();
  await press(page, "run", "Mark tasks of…");
  await bar(page, "run").getByLabel("load").check();
  await bar(page, "run").getByRole("button", { name: "skipped" }).click();
  await bar(page, "run").getByLabel("why").fill("not needed");
  await press(page, "run", "Mark tasks of 2 runs");
  await bar(page, "run").getByText("Done with 2 runs.").waitFor();
  await page.goto(`${world.origin}/runs?workflow=nightly`);
  await box(page, "choose nightly 2026-11-04").check();
  await press(page, "run", "Clear tasks of…");
  await bar(page, "run").getByLabel("publish").check();
  await press(page, "run", "Clear tasks of 1 run");
  await bar(page, "run").getByText("Done with 1 run.").waitFor();
  await page.context().close();
});

test("workflows are paused together, and a filter changes what is meant", async () => {
  const page = await world.open("/workflows");
  await box(page, "choose nightly").check();
  await box(page, "choose harbour").check();
  await press(page, "workflow", "Pause…");
  await press(page, "workflow", "Pause 2 workflows");
  await bar(page, "workflow").getByText("Done with 2 workflows.").waitFor();
  await page.getByRole("row", { name: /nightly.*paused by/ }).waitFor();
  await page.getByLabel("find").fill("harbour");
  await bar(page, "workflow").waitFor({ state: "detached" });
  await box(page, "choose harbour").check();
  await press(page, "workflow", "Unpause…");
  await press(page, "workflow", "Unpause 1 workflow");
  await bar(page, "workflow").getByText("Done with 1 workflow.").waitFor();
  const { items } = await world.ask<{ items: { name: string; paused: object | null }[] }>("GET", "/api/workflows");
  expect(items.flatMap(({ name, paused }) => (paused === null ? [] : [name]))).toEqual(["nightly"]);
  await page.context().close();
});

test("backfills are paused and ended together", async () => {
  await world.ask("POST", "/api/workflows/nightly/unpause");
  // A night takes half a second: both are at work for more than a minute, if nobody ends them.
  for (const [from, to] of [
    ["2026-01-01", "2026-05-31"],
    ["2026-06-01", "2026-10-31"],
  ])
    await world.ask("POST", "/api/backfills", { workflow: "nightly", from, to, maxActiveRuns: 1 });
  const page = await world.open("/backfills");
  await box(page, "choose all backfills that are shown").check();
  await press(page, "backfill", "Pause…");
  await press(page, "backfill", "Pause 2 backfills");
  await bar(page, "backfill").getByText("Done with 2 backfills.").waitFor();
  await expect.poll(() => page.locator(".bf").getByText("paused", { exact: true }).count()).toBe(2);
  await press(page, "backfill", "Cancel…");
  await press(page, "backfill", "Cancel 2 backfills");
  await expect.poll(() => page.locator(".bf").getByText("cancelled", { exact: true }).count()).toBeGreaterThan(1);
  expect(await axe(page)).toEqual([]);
  await page.context().close();
});

test("alerts that nobody heard are told again together; what was heard stays as it is", async () => {
  for (const day of ["01", "02", "03"]) await world.run("pager", {}, `2026-11-${day}`);
  await world.has("/api/alerts?state=failed", ({ items }) => items.length === 3);
  const page = await world.open("/alerts");
  await page.getByText("nobody answers for 2026-11-03").waitFor();
  await box(page, "choose all alerts that are shown").check();
  await bar(page, "alert").getByText("3 alerts chosen").waitFor();
  await press(page, "alert", "Tell again…");
  writeFileSync(join(world.folder, "on-call"), "");
  // Meanwhile one of them is told again from elsewhere.
  await page.route("**/api/alerts/bulk", async (route) => {
    const { items } = await world.ask<{ items: { id: number }[] }>("GET", "/api/alerts?state=failed");
    await world.ask("POST", `/api/alerts/${items[0]!.id}/retry`);
    await world.has("/api/alerts?state=delivered", (page) => page.items.length === 1);
    await route.continue();
  });
  await press(page, "alert", "Tell again 3 alerts");
  await bar(page, "alert").getByText("Done with 2 alerts; 1 refused, as their rows say.").waitFor();
  await world.has("/api/alerts?state=delivered", ({ items }) => items.length === 3);
  await page.unroute("**/api/alerts/bulk");
  await page.goto(`${world.origin}/alerts?state=delivered`);
  await box(page, "choose all alerts that are shown").check();
  expect(await bar(page, "alert").getByRole("button", { name: "Tell again…" }).getAttribute("title")).toBe(
    "Only alerts that have failed.",
  );
  expect(await axe(page)).toEqual([]);
  await page.context().close();
});

test("a viewer has nothing to choose", async () => {
  await world.ask("POST", "/api/users", { name: "vera", role: "viewer", password: "a long password" });
  const context = await world.context({}, false);
  const page = await world.openIn(context, "/runs");
  await page.getByLabel("name").fill("vera");
  await page.getByLabel("password").fill("a long password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { level: 1, name: "Runs" }).waitFor();
  for (const path of ["/runs", "/workflows", "/backfills", "/alerts"]) {
    await page.goto(`${world.origin}${path}`);
    await page.getByRole("heading", { level: 1 }).waitFor();
    if (path === "/runs")
      await page
        .getByRole("row", { name: /harbour|nightly/ })
        .first()
        .waitFor();
    expect(await page.getByRole("checkbox").count()).toBe(0);
  }
  await context.close();
});
