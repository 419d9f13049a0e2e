import { isDeepStrictEqual } from "node:util";
import type { Cause } from "../../src/core/event.ts";
import { refusalUid, type RunEnd } from "../../src/core/run-call.ts";
import { isEndedRun, type RunState } from "../../src/core/run-state.ts";
import type { SqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Commit, Invariant } from "./invariant.ts";
import { signatures } from "./outcomes.ts";
import type { Heard, SimCalls } from "./sim-calls.ts";
import type { World } from "./world.ts";

/** What must hold of runs that tasks call, beside the invariants that look at runs. */
export const CALL_FACTS = {
  once: "a call starts exactly one run, and only when its caller has recorded it",
  end: "whoever calls a run hears how it has ended, and what it has returned",
  back: "a task run that waits for runs comes back when one of them has ended or can't be started, and not before",
  own: "a run that was called goes on when its caller is cancelled",
  known: "a run that was called has the window of its caller, and knows who waits for it",
} as const;

const WAITS = "ctx.runWorkflow";

/** Asked of the rows, and of what callers have recorded and heard. */
export class CallFacts implements Invariant {
  readonly fact = CALL_FACTS.back;
  readonly #world: World;
  readonly #calls: SimCalls["calls"];
  /** Ids that stand, or stood, in what a caller has recorded. */
  readonly #recorded = new Set<string>();
  /** By run: how it has ever ended. */
  readonly #ends = new Map<string, Set<RunState>>();

  constructor(world: World, { calls }: SimCalls) {
    this.#world = world;
    this.#calls = calls;
  }

  *committed({ group, result, before, after }: Commit): Iterable<string> {
    if (!result.applied) return;
    for (const { to, value } of group.drawers)
      if (to.drawer === "steps") for (const [id] of (value ?? "").matchAll(/01k2\d{22}/g)) this.#recorded.add(id);
    const state = after?.run.state ?? "queued";
    if (isEndedRun(state)) this.#ends.set(group.runId, (this.#ends.get(group.runId) ?? new Set()).add(state));
    const { create } = group;
    if (create?.trigger === "run" && !this.#recorded.has(create.id))
      this.#fail("once", `run ${create.id} is started, and nobody has recorded that it was called`);
    for (const change of group.changes) {
      const wait = before?.taskRuns.get(change.id)?.wait;
      if (change.kind !== "requeue" || change.from !== "deferred" || !wait?.runs || change.at >= wait.dueAt) continue;
      if (!wait.runs.some(({ id }) => this.#ends.has(id) || this.#isRefused(id)))
        yield `task run ${change.id} comes back, and none of ${wait.runs.map(({ id }) => id).join()} is over`;
    }
  }

  /** A caller goes on with this. */
  hears({ id, end, refused }: Heard): void {
    if (refused) return;
    const state = end?.state ?? "queued";
    if (!this.#ends.get(id)?.has(state)) this.#fail("end", `run ${id} is said to have ${state}`);
    if (end?.state === "succeeded") this.#hasReturned(id, end);
    if (end?.state === "failed" && end.tasks[0]?.state !== "failed")
      this.#fail("end", `run ${id} has failed by nothing`);
  }

  /** The values of what nothing depends on, each signed by the claim that made it. */
  #hasReturned(id: string, { tasks }: RunEnd): void {
    const { recorded } = this.#world;
    const { graph } = recorded.version(id);
    const wanted = [...(recorded.runs.get(id)?.taskRuns.values() ?? [])].flatMap((row) => {
      const task = recorded.placeOf(row.id);
      const isLast = graph.tasks[task]?.downstream.length === 0 && row.state === "succeeded";
      return isLast ? [`t${task}[${row.mapIndex}] of ${row.id}/${row.claim}`] : [];
    });
    const found = tasks.map(({ task, index, mapped, output }) => {
      const [by] = signatures(output?.kind === "inline" ? output.text : "");
      return `t${task}[${mapped ? index : null}] of ${by?.taskRunId}/${by?.claim}`;
    });
    if (!isDeepStrictEqual(found.toSorted(), wanted.toSorted()))
      this.#fail("end", `run ${id} is said to have returned ${found.join(", ")}; it has ${wanted.join(", ")}`);
  }

  async atRest(store: SqliteStore): Promise<void> {
    const { recorded, user } = this.#world;
    const started = new Map<string, string>();
    for (const [id, { call, taskRunId }] of this.#calls) {
      const run = recorded.runs.get(id)?.run;
      if (!run) continue;
      const place = `call ${call.place} of task run ${taskRunId} in attempt ${call.during}`;
      if (started.has(place)) this.#fail("once", `${place} has started ${started.get(place)} and ${id}`);
      started.set(place, id);
      if (this.#isRefused(id)) this.#fail("once", `run ${id} was refused, and is there`);
      if (recorded.cancelled.has(id) && !user.unwanted.has(id)) this.#fail("own", `nobody has cancelled run ${id}`);
      const caller = recorded.runs.get(recorded.runOf(taskRunId) ?? "")!.run;
      const before = caller.cause ? (JSON.parse(caller.cause) as Cause).chain : [];
      const cause: Cause = { trigger: WAITS, events: [], chain: [...before, caller.workflow] };
      if (!isDeepStrictEqual(JSON.parse(run.cause ?? "null"), cause) || cause.chain.includes(run.workflow))
        this.#fail("known", `run ${id} of ${run.workflow} has the cause ${run.cause}`);
      const isOf = (key: "intervalStart" | "intervalEnd" | "date" | "timezone") => run[key] === caller[key];
      if (!(["intervalStart", "intervalEnd", "date", "timezone"] as const).every(isOf))
        this.#fail("known", `run ${id} stands for ${run.intervalStart}, its caller for ${caller.intervalStart}`);
    }
    if ((await store.events.pending(1)).length > 0) this.#fail("end", "an end is not delivered");
  }

  #isRefused(id: string): boolean {
    const statement = { name: "simRefusal", text: "select id from event where uid = ?" };
    return this.#world.connection.all({ statement, values: [refusalUid(id)] }).length > 0;
  }

  #fail(fact: keyof typeof CALL_FACTS, what: string): void {
    this.#world.fail(CALL_FACTS[fact], what);
  }
}
