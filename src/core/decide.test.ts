import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { draw, picker } from "../../test/support/draw.ts";
import { ModelRun, type Outcomes } from "../../test/support/model-run.ts";
import { randomManifest } from "../../test/support/random-manifest.ts";
import { decide } from "./decide.ts";
import { compileGraph, type Graph } from "./graph.ts";
import type { TaskInstance } from "./task-instance.ts";
import { isEndedTaskRun } from "./task-run-state.ts";
import { sourceOf } from "./verdict.ts";

const OUTCOMES = ["succeeded", "succeeded", "succeeded", "failed", "skipped", "lost"] as const;

const outcomesFrom =
  (seed: number): Outcomes =>
  (task, index, generation, attempt) =>
    OUTCOMES[draw(generation > 3 ? 1 : OUTCOMES.length, seed, task, index ?? 99, generation, attempt)] ?? "succeeded";

/** Never `lost`: how often a worker is lost is no property of the graph. */
const steadyOutcomes =
  (seed: number): Outcomes =>
  (...at) => {
    const outcome = outcomesFrom(seed)(...at);
    return outcome === "lost" ? "failed" : outcome;
  };

const graphs = randomManifest(9).map(compileGraph);
const seeds = fc.nat(100_000);
const RUNS = { numRuns: Number(process.env.TUTTI_PROPERTY_RUNS ?? 400) };

describe("decide", () => {
  test("property: every task run ends, and so does the run", () => {
    fc.assert(
      fc.property(graphs, seeds, seeds, (graph, outcomes, order) => {
        const { run } = new ModelRun(graph, outcomesFrom(outcomes)).toEnd(picker(order));

        expect(["succeeded", "failed"]).toContain(run.header.state);
        for (const task of run.tasks)
          task.each((instance) => expect(isEndedTaskRun(instance?.state ?? "waiting")).toBe(true));
      }),
      RUNS,
    );
  });

  test("property: the outcome does not depend on the order in which results arrive", () => {
    fc.assert(
      fc.property(graphs, seeds, seeds, seeds, (graph, outcomes, order, other) => {
        const one = new ModelRun(graph, steadyOutcomes(outcomes)).toEnd(picker(order));
        const two = new ModelRun(graph, steadyOutcomes(outcomes)).toEnd(picker(other));

        expect(two.states()).toEqual(one.states());
        expect(two.run.header.state).toBe(one.run.header.state);
      }),
      RUNS,
    );
  });

  test("property: no task run starts before what it reads has ended for good", () => {
    fc.assert(
      fc.property(graphs, seeds, seeds, (graph, outcomes, order) => {
        const driven = new ModelRun(graph, outcomesFrom(outcomes));
        do expectStartedInOrder(graph, driven);
        while (driven.step(picker(order)));
      }),
      RUNS,
    );
  });

  test("property: a repeated or late message changes nothing", () => {
    fc.assert(
      fc.property(graphs, seeds, seeds, (graph, outcomes, order) => {
        const driven = new ModelRun(graph, outcomesFrom(outcomes));
        const pick = picker(order);
        for (let last = driven.running[0]; last; last = driven.running[0]) {
          const event = driven.eventFor(last);
          if (!driven.step(() => 0)) break;
          expect(decide(driven.run, [event], 0).transitions).toEqual([]);
          if (pick(5) === 0) driven.toEnd(pick);
        }
      }),
      RUNS,
    );
  });

  test("property: a run loaded from its rows at any moment decides nothing new and knows the same", () => {
    fc.assert(
      fc.property(graphs, seeds, seeds, (graph, outcomes, order) => {
        const driven = new ModelRun(graph, outcomesFrom(outcomes));
        const pick = picker(order);
        do {
          if (driven.ended) break;
          const loaded = driven.reloaded();
          const decision = decide(loaded, [{ kind: "begin" }], 0);
          expect(
            decision.transitions.map(({ instance, from, to }) => [
              graph.tasks[instance.task]?.manifest.name,
              instance.index,
              from,
              to,
            ]),
          ).toEqual([]);
          for (const model of [loaded, driven.run])
            expect(model.openTasks).toBe(model.tasks.filter((task) => !task.settled(null)).length);
          expect(loaded.openTasks).toBe(driven.run.openTasks);
        } while (driven.step(pick));
      }),
      RUNS,
    );
  });

  test("property: a user's retry of a failed run starts what failed anew, keeps what succeeded, and ends", () => {
    fc.assert(
      fc.property(graphs, seeds, seeds, (graph, outcomes, order) => {
        const driven = new ModelRun(graph, (task, index, generation, attempt) =>
          driven?.run?.header.generation > 1 ? "succeeded" : outcomesFrom(outcomes)(task, index, generation, attempt),
        );
        driven.toEnd(picker(order));
        if (driven.run.header.state !== "failed") return;
        const succeeded = new Set(succeededIn(driven));
        const before = driven.transitions.length;

        driven.decide([{ kind: "retry" }]);
        driven.toEnd(picker(order));

        // By what it was told then: a group's retry may have opened it again since.
        for (const { to, error } of driven.transitions.slice(before))
          if (to === "failed") expect(error?.code).toBe("MAP_LENGTHS");
        expect(driven.ended).toBe(true);
        for (const { instance, to } of driven.transitions.slice(before))
          if (to === "running" && graph.tasks[instance.task]?.retryGroups.length === 0)
            expect(succeeded.has(instance)).toBe(false);
      }),
      RUNS,
    );
  });

  test("property: a fresh retry runs everything anew, and ends as a run that has just begun would", () => {
    fc.assert(
      fc.property(graphs, seeds, seeds, seeds, (graph, outcomes, others, order) => {
        const steady = steadyOutcomes(others);
        const driven = new ModelRun(graph, (task, index, generation, attempt) =>
          driven?.run?.header.generation > 1
            ? steady(task, index, 1, attempt)
            : outcomesFrom(outcomes)(task, index, generation, attempt),
        );
        driven.toEnd(picker(order));
        const discarded = new Map(succeededIn(driven).map((instance) => [instance, instance.discarded] as const));
        driven.decide([{ kind: "retry", fresh: true }]);
        driven.toEnd(picker(order));

        // Retries of groups are told by the run's generation, so what depends on it is compared without.
        const once = new ModelRun(graph, (task, index, _, attempt) => steady(task, index, 1, attempt)).toEnd(
          picker(order),
        );
        expect(driven.states()).toEqual(once.states());
        expect(driven.run.header).toMatchObject({ state: once.run.header.state, generation: 2 });
        for (const [instance, before] of discarded) expect(instance.discarded).toBeGreaterThan(before);
      }),
      RUNS,
    );
  });

  test("property: a cancelled run ends with whatever was running, and starts nothing more", () => {
    fc.assert(
      fc.property(graphs, seeds, seeds, fc.nat(10), (graph, outcomes, order, steps) => {
        const driven = new ModelRun(graph, outcomesFrom(outcomes));
        for (let i = 0; i < steps; i++) driven.step(picker(order));
        if (driven.ended) return;
        driven.decide([{ kind: "cancel" }]);
        const before = driven.transitions.length;
        driven.toEnd(picker(order));

        expect(driven.ended).toBe(true);
        expect(driven.transitions.slice(before).filter(({ to }) => to === "running")).toEqual([]);
      }),
      RUNS,
    );
  });
});

function expectStartedInOrder(graph: Graph, driven: ModelRun): void {
  for (const instance of driven.running) {
    const task = driven.run.task(instance.task);
    const { rule } = task.graph.manifest;
    for (const edge of task.graph.upstream) {
      const early = rule === "always" || rule.startsWith("one_");
      if (early && !edge.plain) continue;
      const source = driven.run.task(edge.from);
      const read: (TaskInstance | undefined)[] = [];
      if (edge.align.kind === "all") source.each((upstream) => read.push(upstream));
      else read.push(sourceOf(driven.run, task, edge, instance.index));
      const name = `${graph.tasks[edge.from]?.manifest.name} before ${task.graph.manifest.name}`;
      for (const upstream of read) expect(driven.run.sees(edge, upstream), name).toBe(true);
    }
  }
}

const succeededIn = (driven: ModelRun) =>
  driven.run.tasks.flatMap((task) =>
    [task.single, ...(task.elements ?? [])]
      .filter((instance) => instance !== undefined)
      .filter(({ state }) => state === "succeeded"),
  );
