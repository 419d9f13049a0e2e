import type { RunEnd } from "../../src/core/trigger.ts";
import type { WorkflowManifest } from "../../src/core/manifest.ts";
import type { EndsAnswer, EndsQuestion } from "../../src/core/ended-task.ts";
import { type ElementRange, NEVER, type StepEntry, type TaskRequest } from "../../src/core/wait.ts";
import type { Assignment, Outcome } from "../../src/runtime/protocol.ts";
import type { Commit, Invariant, RunRows } from "./invariant.ts";
import type { Recorded } from "./recorded.ts";
import type { SimAsk, SimBody } from "./sim-body.ts";
import type { World } from "./world.ts";

export const FLOW_FACTS = {
  asked: "a task run of a flow is there when its body has recorded that it asked for it, and never before",
  given: "a task run of a flow gets what its body gave it",
  whole: "a flow that has ended has all that its body asked for, each once",
} as const;

/** What a body records when it asks: the ranges that begin, and during which of its attempts. */
interface Line {
  readonly asks: readonly ElementRange[];
  readonly during: string;
}

const ROUNDS = 3;
const TASKS = [1, 2];

/**
 * Bodies of flows, as far as the engine sees them: each asks for tasks in rounds, waits for all of a round, and ends. What it has asked for it
 * knows from what it recorded, and what has ended from the store.
 */
export class SimFlows implements Invariant, SimBody {
  readonly fact = FLOW_FACTS.asked;
  readonly #world: World;
  /** By run: what its body has recorded. */
  readonly #lines = new Map<string, Line[]>();

  constructor(world: World) {
    this.#world = world;
  }

  /** The same tasks, run by a body. */
  flow(manifest: WorkflowManifest): WorkflowManifest {
    const [first] = manifest.tasks;
    if (!first) return manifest;
    const plain = { ...first, kind: "task" as const, input: null, map: null, group: null, after: [], arms: null };
    const named = (name: string) => ({ ...plain, name, rule: "all_success" as const });
    return {
      ...manifest,
      kind: "flow",
      groups: [],
      picks: 0,
      tasks: [
        named("body"),
        ...TASKS.map((place) => ({
          ...named(`task${place}`),
          input: { kind: "given" as const },
          retries: manifest.tasks.find(({ retries }) => retries)?.retries ?? null,
          dynamic: true as const,
        })),
      ],
    };
  }

  isFlow(runId: string): boolean {
    return this.#world.recorded.version(runId).record.manifest.kind === "flow";
  }

  isBody({ runId, task }: Assignment): boolean {
    return task === 0 && this.isFlow(runId);
  }

  /** What the body does next; `null`: it has come to its end. */
  async next(
    { runId, attempt, taskRunId, claim }: Assignment,
    recorded: readonly string[],
    ask: SimAsk,
  ): Promise<Outcome | null> {
    const lines = recorded.map((line) => JSON.parse(line) as Line);
    const asked = lines.flatMap((line) => line.asks);
    const generation = this.#world.recorded.runs.get(runId)?.run.generation ?? 1;
    const during = `${generation}.${attempt}`;
    const ended = (await ask<EndsAnswer>("ends", asked satisfies EndsQuestion)).ends;
    const isOpen = ({ task, from, to }: ElementRange) =>
      ended.filter((end) => end.task === task && end.index >= from && end.index <= to).length <= to - from;
    const latest = lines.at(-1)?.during;
    // What failed in an earlier attempt has another chance.
    const failed = ended.filter(({ state }) => state !== "succeeded");
    if (latest !== undefined && latest !== during && failed.length > 0)
      return this.#asks(
        failed.map(({ task, index }) => ({ task, from: index, to: index })),
        { during, recorded, taskRunId, claim },
      );
    const waits = asked.filter(isOpen);
    if (waits.length > 0) return { state: "deferred", until: { kind: "tasks", dueAt: NEVER, tasks: waits }, steps: [] };
    const rounds = new Set(asked.map(({ task, from }) => `${task}/${from}`)).size / TASKS.length;
    if (rounds >= ROUNDS) return null;
    const width = 1 + (rounds % 2);
    const fresh = TASKS.map((task) => {
      const from = Math.max(-1, ...asked.filter((range) => range.task === task).map(({ to }) => to)) + 1;
      return { task, from, to: from + width - 1 };
    });
    return this.#asks(fresh, { during, recorded, taskRunId, claim });
  }

  #asks(
    asks: readonly ElementRange[],
    by: { during: string; recorded: readonly string[]; taskRunId: number; claim: number },
  ): Outcome {
    const { dice, clock } = this.#world;
    const line: Line = { asks, during: by.during };
    const steps: StepEntry[] = [{ key: String(by.recorded.length).padStart(6, "0"), value: JSON.stringify(line) }];
    this.#world.steps.said(by.taskRunId, by.claim, steps);
    const requests: TaskRequest[] = asks.flatMap(({ task, from, to }) =>
      Array.from({ length: to - from + 1 }, (_, more) => ({
        task,
        index: from + more,
        input: inputOf(task, from + more),
      })),
    );
    // Sometimes it is at something else, and comes back at once.
    const dueAt = dice.chance(0.2) ? clock.now : NEVER;
    return { state: "deferred", until: { kind: "tasks", dueAt, tasks: asks }, steps, requests };
  }

  /** What a task run of a flow read when it began. */
  read({ task, mapIndex, taskRunId }: Assignment, text: string | null): void {
    if (text !== inputOf(task, mapIndex ?? 0))
      this.#world.fail(FLOW_FACTS.given, `task run ${taskRunId}, t${task}[${mapIndex}], reads ${text}`);
  }

  *committed({ group, result, after }: Commit, recorded: Recorded): Iterable<string> {
    if (!result.applied || !after || !this.isFlow(group.runId)) return;
    for (const change of group.changes)
      if (
        change.kind === "reopen" &&
        recorded.placeOf(change.id) === 0 &&
        (change.from === "succeeded" || change.empties)
      )
        this.#lines.delete(group.runId);
    const lines = this.#lines.get(group.runId) ?? [];
    for (const { to, value } of group.drawers)
      if (to.drawer === "steps" && recorded.placeOf(to.taskRunId) === 0) lines.push(JSON.parse(value ?? "") as Line);
    this.#lines.set(group.runId, lines);
    const asked = this.#askedOf(group.runId);
    const found = childrenOf(after, recorded);
    for (const place of new Set([...asked, ...found]))
      if (!asked.has(place) || !found.has(place))
        yield `run ${group.runId}: ${place} is ${asked.has(place) ? "recorded as asked for, and not there" : "there, and nobody recorded that it was asked for"}`;
  }

  *atTheEnd(recorded: Recorded): Iterable<string> {
    for (const [id, rows] of recorded.runs) {
      if (!this.isFlow(id) || rows.run.state !== ("succeeded" satisfies RunEnd)) continue;
      const body = [...rows.taskRuns.values()].find((row) => recorded.placeOf(row.id) === 0);
      // One that skipped itself had ended, too.
      const expected =
        TASKS.length * Array.from({ length: ROUNDS }, (_, round) => 1 + (round % 2)).reduce((a, b) => a + b);
      const found = childrenOf(rows, recorded).size;
      if ((body?.state === "succeeded" || body?.state === "skipped") && found !== expected)
        this.#world.fail(FLOW_FACTS.whole, `run ${id} has ended with ${found} of ${expected} task runs`);
    }
    yield* [];
  }

  #askedOf(runId: string): ReadonlySet<string> {
    const asked = (this.#lines.get(runId) ?? []).flatMap(({ asks }) => asks);
    return new Set(
      asked.flatMap(({ task, from, to }) =>
        Array.from({ length: to - from + 1 }, (_, more) => `t${task}[${from + more}]`),
      ),
    );
  }
}

const inputOf = (task: number, index: number): string => `=["${task}/${index}"]`;

const childrenOf = (rows: RunRows, recorded: Recorded): ReadonlySet<string> =>
  new Set(
    [...rows.taskRuns.values()].flatMap((row) => {
      const place = recorded.placeOf(row.id);
      return place > 0 && row.state !== "removed" ? [`t${place}[${row.mapIndex}]`] : [];
    }),
  );
