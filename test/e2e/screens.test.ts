import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { axe } from "./axe.ts";
import { overhang } from "./overhang.ts";
import { World } from "./world.ts";

const SCREENS = join(import.meta.dirname, "..", "..", ".tmp", "screens");

let world: World;
const pages: [name: string, path: string, heading: RegExp | string][] = [];

beforeAll(async () => {
  world = await World.begin();
  mkdirSync(SCREENS, { recursive: true });
  for (const day of ["01", "02", "03", "04", "05", "06", "07"]) await world.run("nightly", {}, `2026-11-${day}`);
  const failed = await world.run("nightly", { broken: true }, "2026-11-08");
  const noisy = await world.run("noisy");
  await world.run("wide");
  const { id: slow } = await world.ask<{ id: string }>("POST", "/api/runs", {
    workflow: "slow",
    params: { until: join(world.folder, "stop") },
  });
  for (const day of ["05", "06", "07", "08"]) await world.run("warehouse", {}, `2026-11-${day}`);
  await world.run("pager", {}, "2026-11-08");
  await world.has("/api/alerts?state=failed", ({ items }) => items.length === 1);
  const until = join(world.folder, "release");
  const { id: holding } = await world.ask<{ id: string }>("POST", "/api/runs", {
    workflow: "crowd",
    params: { until },
  });
  await world.has(`/api/pools`, ({ items }) => items.some(({ used }) => used === 1));
  const { id: crowded } = await world.ask<{ id: string }>("POST", "/api/runs", {
    workflow: "crowd",
    params: { until },
  });
  for (const amount of [12_000, 450])
    await world.ask("POST", "/api/runs", { workflow: "payments", params: { amount } });
  await world.has("/api/approvals", ({ items }) => items.length === 2);
  await world.ask("POST", "/api/secrets", { name: "api-key", value: "not shown", description: "Of the rates service" });
  await world.ask("POST", "/api/connections", { name: "orders", url: "postgres://ada:word@db.example.com/orders" });
  pages.push(
    ["home", "/", /need/],
    ["workflows", "/workflows", "Workflows"],
    ["grid", `/workflows/nightly?task=load&run=${failed}`, "nightly"],
    ["graph", "/workflows/wide/graph?task=mart_1", "wide"],
    ["code", "/workflows/nightly/code", "nightly"],
    ["backfills", "/workflows/nightly/backfills?year=2026&from=2026-09-01&to=2026-09-30", "nightly"],
    ["start", "/workflows/nightly/start", "Start nightly"],
    ["runs", "/runs", "Runs"],
    ["run-failed", `/runs/${failed}?open=load`, /nightly/],
    ["run-running", `/runs/${slow}`, /slow/],
    ["run-noisy", `/runs/${noisy}`, /noisy/],
    ["run-graph", `/runs/${failed}/graph?path=true`, /nightly/],
    ["run-values", `/runs/${failed}/values`, /nightly/],
    ["run-events", `/runs/${failed}/events`, /nightly/],
    ["why", `/runs/${failed}/why`, /load failed/],
    ["why-not-yet", `/runs/${slow}/why`, /It/],
    ["compare", `/compare?b=${failed}`, "Compare nightly"],
    ["backfills-all", "/backfills", "Backfills"],
    ["schedules", "/schedules", "Schedules"],
    ["events", "/events", "Events"],
    ["alerts", "/alerts", "Alerts"],
    ["logs", "/logs?level=error", "Logs"],
    ["ops", "/ops", "Ops"],
    ["approvals", "/approvals", /questions? wait/],
    ["assets", "/assets?asset=warehouse%3A%2F%2Fsales%2Fdaily", /late/],
    ["asset", `/assets/${encodeURIComponent("warehouse://sales/daily")}`, "warehouse://sales/daily"],
    ["why-pool", `/runs/${crowded}/why`, /pool "ledger" is full/],
    ["why-task", `/runs/${holding}/why?task=hold`, /It is at work/],
    ["settings", "/settings", "Settings"],
    ["nowhere", "/nowhere", "There is nothing here."],
  );
});

afterAll(async () => {
  await world?.end();
});

const LOOKS = [
  { theme: "light", width: 1440, height: 900 },
  { theme: "dark", width: 1440, height: 900 },
  { theme: "light", width: 390, height: 844 },
  { theme: "dark", width: 390, height: 844 },
] as const;

test.each(LOOKS)(
  "every page in $theme at $width: axe finds nothing, nothing is wider than the screen, and a picture is kept",
  async (look) => {
    const context = await world.context(look);
    const found: string[] = [];
    for (const [name, path, heading] of pages) {
      const page = await world.openIn(context, path);
      await page.getByRole("heading", { level: 1, name: heading }).waitFor();
      await page.getByText("live", { exact: true }).first().waitFor();
      await page.waitForLoadState("load");
      await page.waitForTimeout(200);
      await page.screenshot({ path: join(SCREENS, `${name}-${look.theme}-${look.width}.png`), fullPage: true });
      // On a phone the dark pages are those of the light ones in colours that were looked at above.
      if (look.theme === "light" || look.width > 400)
        found.push(...(await axe(page)).map((each) => `${name}: ${each}`));
      const over = await overhang(page);
      if (over > 0) found.push(`${name}: ${over} px wider than the screen`);
      await page.close();
    }
    await context.close();
    expect([...found, ...world.errors]).toEqual([]);
  },
  // Thirty pages, on a machine that may be four times slower.
  420_000,
);

/** Where state is carried by bars, cells and lines. */
const STATEFUL = ["home", "workflows", "grid", "backfills", "runs", "run-failed", "run-running", "run-graph", "assets"];

test.each([
  { name: "wide", look: { theme: "light", width: 2560, height: 1440 }, vision: "none", only: null },
  { name: "deuteranopia", look: { theme: "light" }, vision: "deuteranopia", only: STATEFUL },
  { name: "deuteranopia-dark", look: { theme: "dark" }, vision: "deuteranopia", only: STATEFUL },
] as const)(
  "pictures of pages, $name: nothing is wider than the screen",
  async ({ name: kind, look, vision, only }) => {
    const context = await world.context(look);
    const wider: string[] = [];
    for (const [name, path, heading] of pages.filter(([each]) => only === null || only.includes(each))) {
      const page = await world.openIn(context, path);
      const browser = await context.newCDPSession(page);
      await browser.send("Emulation.setEmulatedVisionDeficiency", { type: vision });
      await page.getByRole("heading", { level: 1, name: heading }).waitFor();
      await page.getByText("live", { exact: true }).first().waitFor();
      await page.waitForTimeout(200);
      await page.screenshot({ path: join(SCREENS, `${name}-${kind}.png`) });
      if ((await overhang(page)) > 0) wider.push(name);
      await page.close();
    }
    await context.close();
    expect(wider).toEqual([]);
  },
  420_000,
);

test("nobody in particular: the sign-in page", async () => {
  for (const look of LOOKS) {
    const context = await world.context(look, false);
    const page = await world.openIn(context, "/runs");
    await page.getByRole("heading", { name: "Sign in to Tutti." }).waitFor();
    await page.screenshot({ path: join(SCREENS, `sign-in-${look.theme}-${look.width}.png`), fullPage: true });
    expect(await axe(page)).toEqual([]);
    await context.close();
  }
});
