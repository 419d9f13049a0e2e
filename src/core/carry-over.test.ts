import fc from "fast-check";
import { expect, test } from "vitest";
import { draw } from "../../test/support/draw.ts";
import { ModelRun, type Outcomes } from "../../test/support/model-run.ts";
import { randomManifest } from "../../test/support/random-manifest.ts";
import { startsAnew } from "./carry-over.ts";
import { compileGraph, type Graph } from "./graph.ts";
import { RunModel } from "./run-model.ts";

const OUTCOMES = ["succeeded", "succeeded", "failed", "skipped"] as const;
const outcomesFrom =
  (seed: number): Outcomes =>
  (task, index, _, attempt) =>
    OUTCOMES[draw(OUTCOMES.length, seed, task, index ?? 99, attempt)]!;
const first = () => 0;

/** Names are the same in both, so most tasks are another thing by the same name. */
const graphs = randomManifest(7).map(compileGraph);
const seeds = fc.nat(100_000);
const RUNS = { numRuns: Number(process.env.TUTTI_PROPERTY_RUNS ?? 400) };

/** As an engine takes the rows of one version into another. */
function movedTo(after: Graph, before: Graph, ended: ModelRun, outcomes: Outcomes, fresh: boolean): ModelRun {
  const anew = startsAnew(before, after);
  const places = new Map(after.manifest.tasks.map(({ name }, place) => [name, place]));
  const rows = ended.rows().flatMap((row) => {
    const task = places.get(before.manifest.tasks[row.task]!.name);
    if (task === undefined) return [];
    return [{ ...row, task, ...(anew.has(task) && { state: "removed" as const }) }];
  });
  const driven = new ModelRun(after, outcomes, { loaded: new RunModel(after, { ...ended.run.header }, rows) });
  driven.decide([{ kind: "retry", fresh }]);
  return driven.toEnd(first);
}

test("property: a run that goes on afresh with another version ends as a new run of that version would", () => {
  fc.assert(
    fc.property(graphs, graphs, seeds, seeds, (before, after, one, other) => {
      const ended = new ModelRun(before, outcomesFrom(one)).toEnd(first);
      const moved = movedTo(after, before, ended, outcomesFrom(other), true);
      const once = new ModelRun(after, outcomesFrom(other)).toEnd(first);
      expect(moved.states()).toEqual(once.states());
      expect(moved.run.header.state).toBe(once.run.header.state);
    }),
    RUNS,
  );
});

test("property: a run that goes on from its failed tasks with another version ends, whatever has changed", () => {
  fc.assert(
    fc.property(graphs, graphs, seeds, seeds, (before, after, one, other) => {
      const ended = new ModelRun(before, outcomesFrom(one)).toEnd(first);
      const moved = movedTo(after, before, ended, outcomesFrom(other), false);
      expect(moved.ended).toBe(true);
      for (const task of moved.run.tasks) expect(task.settled(null)).toBe(true);
    }),
    RUNS,
  );
});

test("property: with the same version nothing is another thing", () => {
  fc.assert(
    fc.property(graphs, (graph) => {
      expect(startsAnew(graph, graph)).toEqual(new Set());
    }),
    RUNS,
  );
});
