import { join } from "node:path";
import { expect, test } from "vitest";
import { openSqliteStore } from "../../src/store/sqlite/open-sqlite-store.ts";
import { sampleRun, sampleRunId, sampleVersion, T0 } from "../../src/testing/store-samples.ts";
import { tempProject } from "../support/temp-project.ts";
import { tutti } from "../support/tutti-process.ts";

test("a run that is held back for its turn is not shown as interrupted when nobody owns the store", async () => {
  const project = tempProject({ ".tutti/.gitignore": "*" });
  const store = await openSqliteStore({ path: join(project.dir, ".tutti/tutti.db") });
  const sample = sampleVersion("days", ["a"], "1", { latest: true });
  const schedules = [{ name: "schedule", kind: "preset", preset: "@daily", timezone: "UTC" }] as const;
  const { id: versionId } = await store.registerVersion({ ...sample, manifest: { ...sample.manifest, schedules } });
  const [record] = await store.schedules.list(["days"]);
  const local = { start: "2025-08-12T00:00:00", startFold: 0, end: "2025-08-13T00:00:00", endFold: 0 } as const;
  const window = { ...local, timezone: "UTC", startsAt: T0, state: "run", held: true } as const;
  const run = sampleRun(sampleRunId(1), versionId, { state: "queued", trigger: "schedule" });
  const cursor = { schedule: "schedule", rule: "{}", timezone: "UTC", ...local };
  const decision = { schedule: record!.id, revision: 0, versionId, cursor, windows: [{ ...window, run }] };
  await store.schedules.decide([decision]);
  await store.close();

  const listed = await tutti(["runs", "--json"], { cwd: project.dir });
  expect(JSON.parse(listed.stdout)).toMatchObject([{ state: "queued", held: true, interrupted: false }]);
});
