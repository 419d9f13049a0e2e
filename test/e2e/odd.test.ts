import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { overhang } from "./overhang.ts";
import { World } from "./world.ts";

/** What no page should be upset by. The server's clock, the workflow's and the browser's are all in other zones. */
const SERVER_ZONE = "America/Anchorage";
const VIEWER_ZONE = "Australia/Adelaide";
const WORKFLOW_ZONE = "Pacific/Auckland";
const LONG = `a_name_of_two_hundred_characters_${"x".repeat(167)}`;

let world: World;

beforeAll(async () => {
  world = await World.begin("project", { TZ: SERVER_ZONE });
});
afterAll(async () => {
  await world?.end();
});

const button = (page: Page, name: string | RegExp) => page.getByRole("button", { name });
const shows = async (page: Page, text: string | RegExp): Promise<void> => page.getByText(text).first().waitFor();

test("days are the workflow's, times are the viewer's, and both say so", async () => {
  const page = await world.open("/workflows/harbour/backfills?year=2026", { zone: VIEWER_ZONE });
  await shows(page, WORKFLOW_ZONE);
  const day = page.locator('td[data-date="2026-09-05"]');
  expect(await day.getAttribute("title")).toBe("2026-09-05: missing");
  await day.click();
  await button(page, "Start 1 run").click();
  await page.locator('td[title="2026-09-05: succeeded"]').waitFor();
  expect(page.url()).toContain("from=2026-09-05");
  const { items } = await world.ask<{ items: { id: string; date: string; startedAt: string }[] }>(
    "GET",
    "/api/runs?workflow=harbour",
  );
  expect(items.map(({ date }) => date)).toEqual(["2026-09-05"]);
  const { id, startedAt } = items[0]!;
  await page.goto(`${world.origin}/runs/${id}`);
  await page.getByRole("heading", { level: 1, name: "harbour 2026-09-05" }).waitFor();
  await page.locator(".bar").getByText(VIEWER_ZONE).waitFor();
  const began = page.locator(`.facts time[datetime="${startedAt}"]`);
  const clock = (timeZone: string): string =>
    new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone }).format(
      Date.parse(startedAt),
    );
  expect(await began.textContent()).toContain(clock(VIEWER_ZONE));
  const hover = await began.getAttribute("title");
  for (const zone of [VIEWER_ZONE, WORKFLOW_ZONE, "UTC"]) expect(hover).toContain(zone);
  for (const zone of [VIEWER_ZONE, WORKFLOW_ZONE]) expect(hover).toContain(clock(zone));
  await page.setViewportSize({ width: 390, height: 844 });
  await shows(page, `Times are those of ${VIEWER_ZONE}.`);
  await page.context().close();
});

test("a run that is removed while it is open says so, is in no list, and what else is open goes on", async () => {
  const until = join(world.folder, "stop-odd");
  const id = await world.run("wide");
  const failed = await world.run("nightly", { broken: true }, "2026-11-08");
  const { id: slow } = await world.ask<{ id: string }>("POST", "/api/runs", { workflow: "slow", params: { until } });
  const context = await world.context();
  const open = async (path: string): Promise<Page> => world.openIn(context, path);
  const pages = [await open(`/runs/${id}`), await open(`/runs/${id}/graph`), await open(`/runs/${failed}/why`)];
  for (const page of pages) await page.getByRole("heading", { level: 1, name: /wide|load failed/ }).waitFor();
  const compared = await open(`/compare?a=${id}&b=${failed}`);
  await compared.getByRole("region", { name: "What differs" }).waitFor();
  // In a browser of its own, which follows no run by its name.
  const list = await world.open("/runs");
  await list.locator(`a[href="/runs/${id}"]`).first().waitFor();
  world.tutti("prune", "--older-than", "0s");
  for (const page of pages) await page.getByRole("heading", { name: "This run has been removed." }).waitFor();
  // The server is asked for topics of both: the one that is gone takes nothing from the other.
  const other = await open(`/runs/${slow}?scope=run`);
  await shows(other, /^line \d+ of the slow task/);
  const lines = await other.locator(".logfoot").textContent();
  await expect.poll(() => other.locator(".logfoot").textContent(), { timeout: 30_000 }).not.toBe(lines);
  await expect.poll(() => list.locator(`a[href="/runs/${id}"]`).count(), { timeout: 30_000 }).toBe(0);
  await compared.reload();
  await shows(compared, "A run of these two has been removed.");
  await list.context().close();
  writeFileSync(until, "");
  await other.locator(".facts").getByText("succeeded", { exact: true }).waitFor();
  const late = await open(`/runs/${id}`);
  await late.getByRole("heading", { name: "This run has been removed." }).waitFor();
  expect(world.errors).toEqual([]);
  await context.close();
}, 180_000);

test("a name of 200 characters breaks nothing out of the screen", async () => {
  const id = await world.run(LONG);
  for (const width of [1440, 390]) {
    const context = await world.context({ width });
    for (const path of [
      "/",
      "/workflows",
      "/runs",
      `/workflows/${LONG}`,
      `/workflows/${LONG}/graph`,
      `/workflows/${LONG}/code`,
      `/workflows/${LONG}/start`,
      `/runs/${id}`,
      `/runs/${id}/graph`,
      `/runs/${id}/values`,
      `/runs/${id}/events`,
      `/runs/${id}/why`,
      `/compare?b=${id}`,
      `/logs?workflow=${LONG}`,
    ]) {
      const page = await world.openIn(context, path);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await page.getByText("live", { exact: true }).first().waitFor();
      expect([path, width, await overhang(page)]).toEqual([path, width, 0]);
      await page.close();
    }
    await context.close();
  }
  expect(world.errors).toEqual([]);
}, 240_000);

test("whoever goes to another page while the server is away sees it as soon as that is back", async () => {
  const page = await world.open("/runs");
  await page.getByText("live", { exact: true }).waitFor();
  await page.getByRole("link", { name: "Alerts" }).click();
  await page.getByRole("heading", { level: 1, name: "Alerts" }).waitFor();
  await page.getByRole("link", { name: "Runs" }).click();
  // All pages have come by then: what is opened later needs none of the server's files.
  await page.waitForFunction(() =>
    performance.getEntriesByType("resource").some(({ name }) => name.includes("settings-page")),
  );
  await world.stop();
  await shows(page, /reconnecting|stale/);
  await page.getByRole("link", { name: "Schedules" }).click();
  await page.waitForURL(/schedules/);
  await world.serve();
  await page.getByRole("heading", { level: 1, name: "Schedules" }).waitFor({ timeout: 60_000 });
  await page.getByRole("link", { name: "harbour" }).waitFor();
  await page.getByText("live", { exact: true }).waitFor({ timeout: 30_000 });
  expect(world.errors).toEqual([]);
  await page.context().close();
}, 180_000);

test("what steers a terminal is shown, and steers nothing", async () => {
  const id = await world.run("noisy");
  const page = await world.open(`/runs/${id}?scope=run`);
  await shows(page, /then a bell ␇ and a NUL ␀/);
  expect(await page.locator(".l .c1", { hasText: "red" }).count()).toBe(1);
  await shows(page, String.raw`turned \u202eround`);
  await shows(page, "<b>not bold</b>");
  await page.getByRole("button", { name: /and [\d,]+ characters/ }).click();
  await expect
    .poll(() => page.locator(".l .m", { hasText: /^x{2000}/ }).evaluate((line) => line.textContent?.length))
    .toBeGreaterThan(16_000);
  await page.context().close();
});
