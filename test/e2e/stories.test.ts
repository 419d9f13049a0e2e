import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { World } from "./world.ts";

let world: World;

beforeAll(async () => {
  world = await World.begin();
  for (const day of ["01", "02", "03"]) await world.run("nightly", {}, `2026-11-${day}`);
});
afterAll(async () => {
  await world?.end();
});

const button = (page: Page, name: string | RegExp) => page.getByRole("button", { name });
const shows = async (page: Page, text: string | RegExp): Promise<void> => page.getByText(text).first().waitFor();

test("a run is started by its form, watched until it fails, explained, and retried from where it failed", async () => {
  const page = await world.open("/workflows/nightly/start");
  await page.getByLabel("minRows").fill("0");
  await shows(page, "Must be 1 or more. The default is 1.");
  expect(await button(page, "Start the run").getAttribute("aria-disabled")).toBe("true");
  await page.getByLabel("minRows").fill("2");
  await page
    .getByRole("group", { name: /broken/ })
    .getByRole("button", { name: "true" })
    .click();
  await button(page, "Start the run").click();
  await page.waitForURL(/\/runs\/[0-9a-z]{26}/);
  await page.locator(".facts").getByText("failed", { exact: true }).waitFor();
  await button(page, "Why").click();
  await page.getByRole("heading", { level: 1, name: "load failed. broken is true, it was false." }).waitFor();
  await shows(page, "Numeric value 'N/A' is not recognized");
  await button(page, "Retry from load…").click();
  await shows(page, /Runs 2 task runs again, keeps \d/);
  await button(page, "Retry").last().click();
  await shows(page, "nightly 2026");
  await page.goto(page.url().replace("/why", ""));
  await shows(page, "retried, generation 2");
  expect(world.errors).toEqual([]);
});

test("a log is open while it is written, and the end of the run is seen without a reload", async () => {
  const until = join(world.folder, "stop-1");
  const { id } = await world.ask<{ id: string }>("POST", "/api/runs", { workflow: "slow", params: { until } });
  const page = await world.open(`/runs/${id}?scope=run`);
  await shows(page, /^line \d+ of the slow task/);
  await shows(page, "as they are written");
  const first = await page.locator(".logfoot").textContent();
  await expect.poll(() => page.locator(".logfoot").textContent()).not.toBe(first);
  // How far the task says that it is.
  await page
    .locator(".wf")
    .getByText(/^\d+ %$/)
    .waitFor();
  await page.getByRole("button", { name: "running: write" }).click();
  await page.getByRole("progressbar", { name: "progress" }).waitFor();
  await shows(page, /^\d+ of 3,000, lines$/);
  writeFileSync(until, "");
  await page.locator(".facts").getByText("succeeded", { exact: true }).waitFor();
  await page.getByText("2 of 2 task runs succeeded").waitFor();
  await page.context().close();
});

test("a run that is opened by the beginning of its id is live, under its whole address", async () => {
  const until = join(world.folder, "stop-2");
  const { id } = await world.ask<{ id: string }>("POST", "/api/runs", { workflow: "slow", params: { until } });
  const context = await world.context();
  const pages: Page[] = [];
  for (const side of ["", "/graph"]) {
    const page = await world.openIn(context, `/runs/${id.slice(0, 16)}${side}?task=write`);
    await page.waitForURL(`${world.origin}/runs/${id}${side}?task=write`);
    await page.locator(".facts").getByText("running", { exact: true }).waitFor();
    pages.push(page);
  }
  writeFileSync(until, "");
  for (const page of pages) await page.locator(".facts").getByText("succeeded", { exact: true }).waitFor();
  await context.close();
});

test("any line of a long log is an address, and one step away", async () => {
  const id = await world.run("long");
  const page = await world.open(`/runs/${id}?scope=run&line=4321`);
  await shows(page, /this is line 4321 of many/);
  await shows(page, "lines 4,001 to 5,000");
  await page.getByLabel("go to line").fill("17");
  await page.keyboard.press("Enter");
  await shows(page, /this is line 17 of many/);
  expect(page.url()).toContain("line=17");
  await page.getByLabel("go to line").fill("999999");
  await page.keyboard.press("Enter");
  await shows(page, "The log has fewer lines than that.");
  await button(page, "From its beginning").click();
  await shows(page, /this is line 1 of many/);
  // Of a very long log the server looks at so much at once, and may have found nothing yet.
  await page.route(/logs\?.*q=/, (route) => route.fulfill({ json: { items: [], next: null, more: true } }), {
    times: 1,
  });
  await page.getByLabel("search").fill("line 4999 of");
  await shows(page, /this is line 4999 of many/);
  await page.getByLabel("search").fill("line 9999 of");
  await shows(page, "No line is like that.");
  await page.context().close();
});

test("a connection that breaks is shown, and heals", async () => {
  const page = await world.open("/runs");
  await page.getByText("live", { exact: true }).waitFor();
  await world.stop();
  await shows(page, /reconnecting|stale/);
  await world.serve();
  await page.getByText("live", { exact: true }).waitFor({ timeout: 30_000 });
  const id = await world.run("wide");
  await page.locator(`a[href="/runs/${id}"]`).first().waitFor();
  await page.context().close();
});

test("a viewer signs in, sees everything, and is refused what he may not", async () => {
  await world.ask("POST", "/api/users", { name: "vera", role: "viewer", password: "a long password" });
  const context = await world.context({}, false);
  const page = await world.openIn(context, "/workflows/nightly/start");
  await page.getByLabel("name").fill("vera");
  await page.getByLabel("password").fill("wrong password");
  await button(page, "Sign in").click();
  await shows(page, "Name or password is wrong.");
  await page.getByLabel("password").fill("a long password");
  await button(page, "Sign in").click();
  await page.getByRole("heading", { level: 1, name: "Start nightly" }).waitFor();
  await shows(page, 'This needs the role "operator"; you are "viewer".');
  expect(await button(page, "Start the run").getAttribute("aria-disabled")).toBe("true");
  await page.goto(`${world.origin}/settings`);
  await shows(page, "Users and the audit log are an admin's.");
  await context.close();
});

test("a session that ends in the middle of a form costs nothing of what was typed", async () => {
  await world.ask("POST", "/api/users", { name: "olga", role: "operator", password: "a long password" });
  const context = await world.context({}, false);
  const page = await world.openIn(context, "/workflows/nightly/start");
  await page.getByLabel("name").fill("olga");
  await page.getByLabel("password").fill("a long password");
  await button(page, "Sign in").click();
  await page.getByLabel("note").fill("typed before it ended");
  await context.clearCookies();
  await button(page, "Start the run").click();
  const dialog = page.getByRole("dialog", { name: "Your session has ended" });
  await dialog.getByLabel("password").fill("a long password");
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await dialog.waitFor({ state: "detached" });
  expect(await page.getByLabel("note").inputValue()).toBe("typed before it ended");
  await button(page, "Start the run").click();
  await page.waitForURL(/\/runs\/[0-9a-z]{26}/);
  await context.close();
});

test("a month is painted in the calendar, counted, and filled", async () => {
  const page = await world.open("/workflows/nightly/backfills?year=2026");
  await button(page, "September").click();
  await button(page, "Start 30 runs").click();
  await shows(page, "30 of 30 windows done");
  await page
    .getByRole("row", { name: /September/ })
    .getByText("30 of 30")
    .waitFor();
  expect(page.url()).toContain("from=2026-09-01");
  await page.context().close();
}, 120_000);

test("a task that asks a person is answered by the form of its question, and goes on", async () => {
  const { id } = await world.ask<{ id: string }>("POST", "/api/runs", {
    workflow: "payments",
    params: { amount: 700 },
  });
  const page = await world.open(`/runs/${id}`);
  await button(page, "Answer").click();
  await page.getByRole("link", { name: "Pay 700 EUR to ACME?" }).click();
  await shows(page, "The offer is in the mail of Tuesday");
  await shows(page, "To fill in: account");
  expect(await button(page, "Approve").getAttribute("aria-disabled")).toBe("true");
  await page.getByLabel("account").fill("DE");
  await shows(page, "Must have 4 characters or more.");
  await page.getByLabel("account").fill("DE12");
  await page.getByLabel("comment").fill("as agreed");
  await button(page, "Approve").click();
  await shows(page, '"Pay 700 EUR to ACME?" is approved.');
  await world.ended(id);
  const { items } = await world.ask<{ items: { task: string; output: unknown }[] }>(
    "GET",
    `/api/runs/${id}/task-runs?outputs=true`,
  );
  expect(items.map(({ task, output }) => [task, output])).toEqual([
    ["pay", "700 EUR to DE12, as agreed"],
    ["book", "700 EUR to DE12, as agreed"],
  ]);
  await page.goto(`${world.origin}/approvals?id=nothing`);
  await shows(page, "is over: it was answered");
  await page.context().close();
});

test("why a run is not further says who holds what it wants, and that it has gone on", async () => {
  const until = join(world.folder, "release-1");
  const run = async (): Promise<string> =>
    (await world.ask<{ id: string }>("POST", "/api/runs", { workflow: "crowd", params: { until } })).id;
  await run();
  await world.has("/api/pools", ({ items }) => items.some(({ name, used }) => name === "ledger" && used === 1));
  const waiting = await run();
  const page = await world.open(`/runs/${waiting}/why`);
  await page.getByRole("heading", { level: 1, name: /It waits: pool "ledger" is full, 1 of 1 taken/ }).waitFor();
  await shows(page, /Held by crowd \/ hold since/);
  await page.getByRole("link", { name: "who holds what" }).click();
  await page.getByRole("row", { name: /ledger 1 of 1/ }).waitFor();
  writeFileSync(until, "");
  await world.ended(waiting);
  await page.getByRole("row", { name: /ledger 0 of 1/ }).waitFor();
  await page.context().close();
});

test("a secret goes in and is never seen again", async () => {
  const page = await world.open("/ops");
  const form = page.getByRole("form", { name: "Keep a secret" });
  await form.getByLabel("name").fill("bank-key");
  await form.getByLabel("value").fill("the word itself");
  await form.getByRole("button", { name: "Keep" }).click();
  await page.getByRole("row", { name: /bank-key/ }).waitFor();
  expect(await page.content()).not.toContain("the word itself");
  await page.getByRole("button", { name: "Remove bank-key…" }).click();
  await page.getByRole("button", { name: "Remove bank-key", exact: true }).click();
  await shows(page, 'Secret "bank-key" is gone.');
  await page.context().close();
});

test("two runs are compared, and a run is seen as it was", async () => {
  const bad = await world.run("nightly", { broken: true }, "2026-11-05");
  const page = await world.open(`/compare?b=${bad}`);
  await page.getByRole("row", { name: /param broken false true changed/ }).waitFor();
  await page.goto(`${world.origin}/runs/${bad}`);
  await button(page, "previous change").click();
  await shows(page, "as it was at");
  await page.waitForURL(/at=\d+/);
  await page.context().close();
});

test("what a page brings with it changes no other: the bars of Home and of the workflows are there after each other", async () => {
  const page = await world.open("/", { width: 1280 });
  const bars = page.getByRole("img", { name: /^Last [1-9]\d* runs/ });
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.getByRole("region", { name: "Timeline" }).waitFor();
  await page.getByRole("link", { name: "Workflows" }).first().click();
  await page.getByRole("heading", { level: 1, name: "Workflows" }).waitFor();
  await bars.first().waitFor();
  await page.context().close();
});

test("a few letters lead anywhere, and keys do what they say", async () => {
  const page = await world.open("/");
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.keyboard.press("Control+k");
  await page.keyboard.type("wide gr");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/workflows\/wide\/graph/);
  // Its list has tasks as soon as they have places.
  await page.getByRole("listbox", { name: /Graph of [1-9]/ }).focus();
  await page.keyboard.press("ArrowRight");
  await page.waitForURL(/task=/);
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  await page.context().close();
});

test("what a task writes is text, whatever it is", async () => {
  const id = await world.run("noisy");
  const page = await world.open(`/runs/${id}?scope=run`);
  await shows(page, "<script>window.pwned = true</script>");
  expect(await page.evaluate(() => (globalThis as { pwned?: boolean }).pwned)).toBeUndefined();
  await shows(page, /and [\d,]+ characters/);
  await page.context().close();
});

test("an empty project says what to do first; a file that is saved is there, and one that does not load says where", async () => {
  const empty = await World.begin("empty");
  try {
    const page = await empty.open("/");
    await page.getByRole("heading", { level: 1, name: "No workflows yet. Save one file." }).waitFor();
    for (const name of await page.getByRole("navigation", { name: "Pages" }).getByRole("link").allTextContents()) {
      await page.getByRole("link", { name, exact: true }).click();
      await page.getByRole("heading", { level: 1, name: name === "Home" ? /No workflows yet/ : /./ }).waitFor();
      expect([name, await page.getByRole("alert").count()]).toEqual([name, 0]);
    }
    expect(empty.errors).toEqual([]);
    await page.goto(empty.origin);
    writeFileSync(
      join(empty.folder, "pipelines", "hello.ts"),
      `import { dag, task } from "tutti";\nconst greet = task("greet", () => 1);\nexport default dag("hello", {}, () => { greet(); });\n`,
    );
    await page.getByRole("link", { name: "hello" }).first().waitFor();
    writeFileSync(
      join(empty.folder, "pipelines", "broken.ts"),
      `import { dag } from "tutti";\nexport default dag("broken", {}, () => {\n  oops(\n});\n`,
    );
    await shows(page, "Does not load");
    await shows(page, /broken\.ts:4/);
    expect(existsSync(join(empty.folder, ".tutti"))).toBe(true);
  } finally {
    await empty.end();
  }
});
