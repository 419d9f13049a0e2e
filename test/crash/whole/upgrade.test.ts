import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type PostgresProject, postgresProject } from "../../support/postgres-project.ts";
import { PostgresServer } from "../../support/postgres-server.ts";
import type { TuttiProcess } from "../../support/tutti-process.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");

/** Steps of one long run, each let go by a file; and many short runs beside it. */
const PIPELINE = `
import { chain, dag, task } from "tutti";
import { appendFileSync, existsSync } from "node:fs";
const root = new URL("../", import.meta.url);
const waits = (name: string) => task(name, async (_: {}, ctx) => {
  while (!existsSync(new URL(name, root))) {
    if (ctx.signal.aborted) throw ctx.signal.reason;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  appendFileSync(new URL("done.txt", root), ctx.idempotencyKey + "\\n");
});
const steps = ["old", "both", "new", "back"].map(waits);
const quick = task("quick", (_: {}, ctx) => appendFileSync(new URL("done.txt", root), ctx.idempotencyKey + "\\n"));
export const long = dag("long", {}, () => { chain(...steps.map((step) => step())); });
export const short = dag("short", {}, () => { quick(); });
`;

let server: PostgresServer;
let newer: string;

/** A copy of this build with one more step, which the build that does not know it can work beside. */
beforeAll(async () => {
  server = await PostgresServer.start();
  newer = mkdtempSync(join(tmpdir(), "tutti-newer-"));
  for (const part of ["bin", "dist", "package.json"]) cpSync(join(ROOT, part), join(newer, part), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(newer, "node_modules"));
  writeFileSync(
    join(newer, "dist/store/postgres/migrations/9000_more.sql"),
    "-- why: a column that the release before does not know.\n-- compatible_from: 0.1.0\nalter table tutti.run add column more text not null default 'more';\n",
  );
});
afterAll(async () => {
  rmSync(newer, { recursive: true, force: true });
  await server.stop();
});

async function up(here: PostgresProject, bin?: string): Promise<TuttiProcess> {
  const process = here.start(["start"], {}, bin);
  await process.saw(/^Process "/);
  return process;
}

async function down(process: TuttiProcess): Promise<void> {
  process.kill("SIGTERM");
  expect(await process.ended).toMatchObject({ code: 0 });
}

test("upgraded and rolled back one process at a time, under load: nothing is lost, and a run begun before ends after", async () => {
  const here = await postgresProject(server, { "pipelines/p.ts": PIPELINE });
  const bin = join(newer, "bin/tutti.mjs");
  const shorts: Promise<{ code: number | null }>[] = [];
  const load = () => shorts.push(here.tutti(["run", "short", "-q"]));
  const step = async (name: string) => {
    here.write(name, "");
    await expect
      .poll(
        () => existsSync(here.path("done.txt")) && readFileSync(here.path("done.txt"), "utf8").includes(`/${name}\n`),
        { timeout: 30_000 },
      )
      .toBe(true);
    load();
  };

  const first = [await up(here), await up(here)] as const;
  const long = here.start(["run", "long"]);
  await step("old");
  // The new build refuses a schema that lacks its step, and the old one goes on with the step.
  const early = here.start(["start"], {}, bin);
  expect(await early.ended).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/tutti migrate.*\[STORE_TOO_OLD\]/),
  });
  const migrated = here.start(["migrate", "--json"], {}, bin);
  expect(JSON.parse((await migrated.ended).stdout)).toMatchObject({ steps: ["9000_more"] });
  const second = await up(here, bin);
  // Whichever of them has the step lets it end.
  await Promise.all([down(first[0]), step("both")]);
  const third = await up(here, bin);
  await Promise.all([down(first[1]), step("new")]);
  const again = await up(here);
  await Promise.all([down(second), down(third), step("back")]);

  expect(await long.ended).toMatchObject({ code: 0 });
  for (const short of await Promise.all(shorts)) expect(short).toMatchObject({ code: 0 });
  const done = readFileSync(here.path("done.txt"), "utf8").trim().split("\n");
  expect(done).toHaveLength(4 + shorts.length);
  expect(new Set(done).size).toBe(done.length);
  await down(again);
}, 180_000);
