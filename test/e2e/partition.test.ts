import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { World } from "./world.ts";

const PIPELINE = `
import { asset, dag, partitions, task } from "tutti";
const sales = asset("sales", { partitions: partitions.static(["emea", "a, b"]) });
const load = task("load", { produces: sales }, (_: void, ctx) => ctx.partition?.key ?? null);
export const regions = dag("regions", {}, () => void load());
`;

let world: World;

beforeAll(async () => {
  world = await World.begin("empty");
  writeFileSync(join(world.folder, "pipelines", "regions.ts"), PIPELINE);
  await world.has("/api/workflows", ({ items }) => items.some(({ name }) => name === "regions"));
});
afterAll(async () => {
  await world?.end();
});

test("a run is started for a partition, and says so wherever it is shown", async () => {
  const page = await world.open("/workflows/regions/start");
  await page.getByLabel("partition").fill("a, b");
  expect(await page.getByLabel("date").isDisabled()).toBe(true);
  await page.getByText(`tutti run regions --partition 'a, b'`).waitFor();
  await page.getByRole("button", { name: "Start the run" }).click();
  await page.waitForURL(/\/runs\/[0-9a-z]{26}/);
  await page.getByRole("heading", { level: 1, name: "regions a, b" }).waitFor();
  await page.locator(".facts").getByText("succeeded", { exact: true }).waitFor();

  const other = (await world.ask<{ id: string }>("POST", "/api/runs", { workflow: "regions", partition: "emea" })).id;
  await world.ended(other);
  await page.goto(`${world.origin}/compare?b=${other}`);
  await page.getByRole("row", { name: "partition a, b emea another" }).waitFor();
  await page.getByRole("columnheader", { name: "emea, succeeded" }).waitFor();

  await page.goto(`${world.origin}/workflows/regions`);
  await page.getByRole("columnheader", { name: /run emea, succeeded/ }).waitFor();
  await page.goto(`${world.origin}/runs/${other}`);
  await page.getByRole("link", { name: "emea", exact: true }).click();
  await page.waitForURL(/\/runs\?.*partition=emea/);
  await page.getByRole("row", { name: /regions emea/ }).waitFor();
  expect(await page.getByRole("row").count()).toBe(2);
  await page.getByText("tutti runs --select").waitFor();
  await page.getByRole("button", { name: "Any partition" }).click();
  await page.getByRole("row", { name: /regions a, b/ }).waitFor();
  expect(world.errors).toEqual([]);
});

test("a key that there is not is refused by the form, and costs nothing of what was typed", async () => {
  const page = await world.open("/workflows/regions/start");
  await page.getByLabel("partition").fill("mars");
  await page.getByRole("button", { name: "Start the run" }).click();
  await page.getByText('There is no partition "mars"').first().waitFor();
  expect(await page.getByLabel("partition").inputValue()).toBe("mars");
});
