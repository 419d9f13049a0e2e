import fc from "fast-check";
import { expect, test } from "vitest";
import type { RunGroup } from "../../store/store.ts";
import { StoreModel } from "./store-model.ts";
import type { StoreFixture } from "./store-fixture.ts";
import { groupOf, storeSteps, type StoreStep } from "./store-steps.ts";

/** Stands for the ids of a dropped group: higher than any that a store gives. */
const NO_ID = 2 ** 50;
const PROPERTY_RUNS = 150;

export function modelFacts(db: StoreFixture): void {
  test("property: whatever order groups come in, also stale ones, the store holds what the model holds", async () => {
    let round = 0;
    await fc.assert(
      fc.asyncProperty(storeSteps, async (steps) => {
        // Runs of its own instead of a database of its own: opening one costs more than all the steps.
        const firstRun = (round += 1) * 1_000;
        const model = await play(db, steps, firstRun);
        for (const runId of model.runs.keys()) await compare(db, model, runId);
      }),
      { numRuns: PROPERTY_RUNS },
    );
  }, 60_000);
}

async function play(db: StoreFixture, steps: readonly StoreStep[], firstRun: number): Promise<StoreModel> {
  const model = new StoreModel();
  const target = { model, firstRun, versionId: db.version.id, taskIds: db.tasks };
  for (const step of steps) {
    if (step.kind === "reopen") await db.reopen();
    else
      await commitToBoth(
        db,
        model,
        step.groups.map((drawn) => groupOf(drawn, target)),
      );
  }
  return model;
}

async function commitToBoth(db: StoreFixture, model: StoreModel, groups: readonly RunGroup[]): Promise<void> {
  const results = await db.commit(...groups);
  groups.forEach((group, place) => {
    const { applied, ids } = results[place]!;
    expect([place, applied]).toEqual([place, model.apply(group, ids[0] ?? NO_ID)]);
    expect(ids).toHaveLength(applied ? group.inserts.length : 0);
  });
}

async function compare(db: StoreFixture, model: StoreModel, runId: string): Promise<void> {
  const expected = model.runs.get(runId)!;
  const { run, taskRuns } = await db.load(runId);
  expect(run.revision).toBe(expected.revision);
  expect([...taskRuns].toSorted((a, b) => a.id - b.id)).toEqual(model.taskRuns(runId));
  const outputs = await db.store.readOutputs([...expected.rows.keys()]);
  for (const [id, row] of expected.rows) expect(outputs.get(id)?.value ?? null).toEqual(row.output);
  expect((await db.reader.runDetail(runId))!.counts).toEqual(model.counts(runId));
  expect(await db.reader.attempts(runId)).toHaveLength(expected.attempts);
}
