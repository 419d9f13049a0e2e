import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { draw, picker } from "../../test/support/draw.ts";
import { ModelRun, type Outcomes } from "../../test/support/model-run.ts";
import { randomManifest } from "../../test/support/random-manifest.ts";
import { withResources } from "../../test/support/random-resources.ts";
import { decide } from "./decide.ts";
import { compileGraph, type Graph } from "./graph.ts";
import type { Transition } from "./transition.ts";

const ENDS = ["succeeded", "succeeded", "succeeded", "failed", "skipped", "lost"] as const;

const outcomesFrom =
  (seed: number): Outcomes =>
  (task, index, generation, attempt) =>
    ENDS[draw(generation > 2 ? 1 : ENDS.length, seed, task, index ?? 99, generation, attempt)] ?? "succeeded";

/** Half of what may be a resource is one. */
const graphs = fc
  .tuple(randomManifest(9), fc.nat(0xffff))
  .map(([manifest, mask]) => compileGraph(withResources(manifest, (place) => ((mask >> place) & 1) === 1)));
const seeds = fc.nat(100_000);
const { TUTTI_PROPERTY_RUNS } = process.env;
const RUNS = TUTTI_PROPERTY_RUNS === undefined ? { numRuns: 200, seed: 1 } : { numRuns: Number(TUTTI_PROPERTY_RUNS) };

interface Pair {
  readonly setup: number;
  readonly teardown: number;
  readonly users: readonly number[];
}

const pairsOf = ({ tasks }: Graph): readonly Pair[] =>
  tasks.flatMap(({ ordinal, manifest, soft, upstream }) =>
    manifest.kind === "teardown"
      ? [{ setup: soft[0]!.from, teardown: ordinal, users: upstream.map(({ from }) => from) }]
      : [],
  );

/** Follows what is up by what has happened alone. */
class Watch {
  readonly #graph: Graph;
  readonly #pairs: readonly Pair[];
  /** By setup. `left`: it should have been taken down, and was not. */
  readonly up = new Map<number, "up" | "down" | "left">();
  #seen = 0;

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#pairs = pairsOf(graph);
  }

  /** What has happened since it was last asked. */
  look(driven: ModelRun, isOther = false): void {
    if (isOther) this.#seen = 0;
    for (const transition of driven.transitions.slice(this.#seen)) this.#follow(transition, driven);
    this.#seen = driven.transitions.length;
  }

  #follow({ instance: { task }, from, to }: Transition, driven: ModelRun): void {
    for (const { setup, teardown, users } of this.#pairs) {
      if (task === setup && to === "running") this.up.set(setup, "up");
      if (task === teardown && to === "running") {
        expect(this.up.get(setup), "something is there to be taken down").toMatch(/up|left/);
        for (const user of users) expect(driven.run.task(user).settled(null), "nothing uses it any more").toBe(true);
      }
      if (task === teardown && from === "running" && (to === "succeeded" || to === "skipped"))
        this.up.set(setup, "down");
      if (task === teardown && from === "running" && to === "failed") this.up.set(setup, "left");
      const needs = this.#graph.tasks[task]!.upstream.some((edge) => edge.from === setup && edge.plain);
      if (to === "running" && needs) expect(this.up.get(setup), "what is used is up").toBe("up");
    }
  }

  expectAllDown(): void {
    for (const { setup } of this.#pairs) expect(this.up.get(setup) ?? "down").not.toBe("up");
  }
}

interface Story {
  readonly outcomes: number;
  readonly order: number;
  /** After so many steps. */
  readonly cancelAt?: number;
  readonly killAt?: number;
}

/** To its end, with all that is checked on the way. */
function play(graph: Graph, { outcomes, order, cancelAt, killAt }: Story, watch = new Watch(graph)): ModelRun {
  let driven = new ModelRun(graph, outcomesFrom(outcomes));
  const pick = picker(order);
  watch.look(driven);
  for (let step = 0; step < 20_000; step++) {
    if (step === cancelAt && !driven.ended) driven.decide([{ kind: "cancel" }]);
    watch.look(driven);
    if (step === killAt && !driven.ended) {
      driven = resumed(graph, outcomes, driven);
      watch.look(driven, true);
    }
    if (!driven.step(pick)) break;
    watch.look(driven);
  }
  expect(driven.ended).toBe(true);
  return driven;
}

/** Whoever ran it is dead, and somebody else goes on from its rows. */
function resumed(graph: Graph, outcomes: number, dead: ModelRun): ModelRun {
  const run = dead.reloaded();
  const lost = run.tasks
    .flatMap((task) => [task.single, ...(task.elements ?? [])])
    .filter((instance) => instance?.state === "running")
    .map((instance) => ({
      kind: "lost" as const,
      instance: instance!,
      claim: instance!.claim,
      error: { name: "Lost", message: "gone" },
      counts: false,
    }));
  const next = new ModelRun(graph, outcomesFrom(outcomes), { loaded: run });
  next.decide([{ kind: "begin" }, ...lost, ...(run.header.cancelRequested ? [{ kind: "cancel" } as const] : [])]);
  return next;
}

describe("resources", () => {
  test("property: what was begun to be set up is taken down once, when nothing uses it any more, whatever happens", () => {
    fc.assert(
      fc.property(graphs, seeds, seeds, fc.nat(30), fc.nat(30), (graph, outcomes, order, cancelAt, killAt) => {
        const watch = new Watch(graph);
        // Of thirty moments a run of nine tasks has about half.
        const driven = play(graph, { outcomes, order, cancelAt, killAt }, watch);
        watch.expectAllDown();

        if (driven.run.header.state !== "failed" && driven.run.header.state !== "cancelled") return;
        driven.decide([{ kind: "retry" }]);
        watch.look(driven);
        const pick = picker(order);
        while (driven.step(pick)) watch.look(driven);
        expect(driven.ended).toBe(true);
        watch.expectAllDown();
      }),
      RUNS,
    );
  });

  test("property: how something is taken down says nothing about the run, and changes no other task", () => {
    fc.assert(
      fc.property(graphs, seeds, seeds, (graph, outcomes, order) => {
        const teardowns = new Set(pairsOf(graph).map(({ teardown }) => teardown));
        const steady = outcomesFrom(outcomes);
        const played = (end: "succeeded" | "failed") => {
          const driven = new ModelRun(graph, (task, ...at) => {
            const outcome = steady(task, ...at);
            return teardowns.has(task) ? end : outcome === "lost" ? "failed" : outcome;
          }).toEnd(picker(order));
          const states = Object.entries(driven.states()).filter(([name]) => !name.endsWith("_teardown"));
          return { run: driven.run.header.state, states };
        };

        expect(played("failed")).toEqual(played("succeeded"));
      }),
      RUNS,
    );
  });

  test("property: a cancelled run that is loaded at any moment decides nothing new", () => {
    fc.assert(
      fc.property(graphs, seeds, seeds, fc.nat(10), (graph, outcomes, order, cancelAt) => {
        const driven = new ModelRun(graph, outcomesFrom(outcomes));
        const pick = picker(order);
        for (let step = 0; step < cancelAt; step++) driven.step(pick);
        if (driven.ended) return;
        driven.decide([{ kind: "cancel" }]);
        while (!driven.ended) {
          const loaded = driven.reloaded();
          expect(decide(loaded, [{ kind: "begin" }], 0).transitions).toEqual([]);
          expect(loaded.openTasks).toBe(driven.run.openTasks);
          if (!driven.step(pick)) break;
        }
        expect(driven.ended).toBe(true);
      }),
      RUNS,
    );
  });

  test("property: single tasks that start anew find what they use set up anew", () => {
    fc.assert(
      fc.property(graphs, seeds, seeds, fc.nat(20), fc.boolean(), (graph, outcomes, order, chosen, downstream) => {
        const watch = new Watch(graph);
        const driven = play(graph, { outcomes, order }, watch);
        const task = chosen % graph.tasks.length;
        // Taken down again by itself, it is what was left that is meant, or nothing.
        if (graph.tasks[task]!.manifest.kind === "teardown") return;
        driven.decide([{ kind: "clear_tasks", of: [{ task, index: null }], downstream }]);
        watch.look(driven);
        const pick = picker(order);
        while (driven.step(pick)) watch.look(driven);
        expect(driven.ended).toBe(true);
        watch.expectAllDown();
      }),
      RUNS,
    );
  });
});
