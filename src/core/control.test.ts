import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { draw, picker } from "../../test/support/draw.ts";
import { decidedResult, ModelRun, type Outcomes, type Results } from "../../test/support/model-run.ts";
import { randomManifest } from "../../test/support/random-manifest.ts";
import { withResources } from "../../test/support/random-resources.ts";
import { chosen, MARKS, type TaskChoice } from "./control.ts";
import { decide, type RunEvent } from "./decide.ts";
import { compileGraph, type Graph } from "./graph.ts";
import { isEndedTaskRun } from "./task-run-state.ts";

const ENDS = ["succeeded", "succeeded", "succeeded", "failed", "skipped", "lost"] as const;

const outcomesFrom =
  (seed: number): Outcomes =>
  (task, index, generation, attempt) =>
    ENDS[draw(generation > 3 ? 1 : ENDS.length, seed, task, index ?? 99, generation, attempt)] ?? "succeeded";

/** A list has another length each time its task starts anew. */
const resultsFrom =
  (seed: number): Results =>
  (graph, task, index, generation) =>
    decidedResult(graph, task, generation === 1 ? index : draw(100, seed, task, index ?? 99, generation));

/** In a quarter some tasks set up what others use. */
const graphs = fc
  .tuple(randomManifest(8), fc.nat(0xffff))
  .map(([manifest, mask]) =>
    compileGraph(mask % 4 === 0 ? withResources(manifest, (place) => ((mask >> place) & 1) === 1) : manifest),
  );
const seeds = fc.nat(100_000);
const { TUTTI_PROPERTY_RUNS } = process.env;
const RUNS = TUTTI_PROPERTY_RUNS === undefined ? { numRuns: 300, seed: 1 } : { numRuns: Number(TUTTI_PROPERTY_RUNS) };

const KINDS = ["clear", "clear", "clear", "mark", "mark", "cancel_task", "cancel", "retry", "fresh"] as const;

/** What somebody does next, as the engine lets through what is asked. */
function command(driven: ModelRun, graph: Graph, pick: (count: number) => number): RunEvent {
  const choice = (): TaskChoice => {
    const task = pick(graph.tasks.length);
    const size = driven.run.task(task).elements?.length ?? 0;
    return { task, index: size > 0 && pick(2) === 0 ? pick(size) : null };
  };
  const kind = KINDS[pick(KINDS.length)]!;
  switch (kind) {
    case "clear":
      return {
        kind: "clear_tasks",
        of: Array.from({ length: 1 + pick(2) }, choice),
        downstream: pick(3) === 0,
      };
    case "mark":
      return { kind: "mark_task", of: choice(), as: MARKS[pick(MARKS.length)]!, reason: "said so" };
    case "cancel_task":
      return { kind, of: choice() };
    case "cancel":
      return { kind };
    case "retry":
    case "fresh":
      return { kind: "retry", fresh: kind === "fresh" };
  }
}

/** Commands at random moments, some of them after the run's end; then to the end. */
function play(graph: Graph, seed: number, look: (driven: ModelRun) => void): ModelRun {
  const driven = new ModelRun(graph, outcomesFrom(seed), { results: resultsFrom(seed), heedsAborts: true });
  const pick = picker(seed);
  for (let commands = 1 + pick(6); commands > 0; commands--) {
    const steps = pick(3) === 0 ? pick(12) : 20_000;
    for (let step = 0; step < steps && driven.step(pick); step++) look(driven);
    driven.decide([command(driven, graph, pick)]);
    look(driven);
  }
  while (driven.step(pick)) look(driven);
  return driven;
}

describe("control", () => {
  test("property: whatever somebody does to a run, it ends when nothing of it is at work or waits for its time", () => {
    fc.assert(
      fc.property(graphs, seeds, (graph, seed) => {
        const { run } = play(graph, seed, () => {});

        expect(["succeeded", "failed", "cancelled"]).toContain(run.header.state);
        for (const task of run.tasks)
          task.each((instance) => expect(isEndedTaskRun(instance?.state ?? "waiting")).toBe(true));
      }),
      RUNS,
    );
  });

  test("property: a run that somebody does things to, loaded from its rows at any moment, decides nothing new and knows the same", () => {
    fc.assert(
      fc.property(graphs, seeds, (graph, seed) => {
        play(graph, seed, (driven) => {
          if (driven.ended) return;
          const loaded = driven.reloaded();
          expect(
            decide(loaded, [{ kind: "begin" }], 0).transitions.map(({ instance, from, to }) => [
              graph.tasks[instance.task]?.manifest.name,
              instance.index,
              from,
              to,
            ]),
          ).toEqual([]);
          expect(loaded.openTasks).toBe(driven.run.openTasks);
        });
      }),
      RUNS,
    );
  });

  test("property: what is told to stop while it runs ends with that execution, however that ends", () => {
    fc.assert(
      fc.property(graphs, seeds, (graph, seed) => {
        const heedsAborts = seed % 2 === 0;
        const driven = new ModelRun(graph, outcomesFrom(seed), { results: resultsFrom(seed), heedsAborts });
        const pick = picker(seed);
        const told = new Set<string>();
        let seen = 0;
        const look = (): void => {
          for (const { instance, claim, from, to } of driven.transitions.slice(seen))
            if (from === "running" && told.has(`${instance.id} ${claim}`)) expect(isEndedTaskRun(to), to).toBe(true);
          seen = driven.transitions.length;
        };
        for (let steps = 0; driven.step(pick) && steps < 20_000; steps++) {
          look();
          if (driven.ended || pick(4) !== 0) continue;
          const of = { task: pick(graph.tasks.length), index: null };
          for (const { id, state, claim } of chosen(driven.run, of))
            if (state === "running") told.add(`${id} ${claim}`);
          driven.decide([{ kind: "cancel_task", of }]);
          look();
        }
      }),
      RUNS,
    );
  });
});
