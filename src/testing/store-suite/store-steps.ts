import fc from "fast-check";
import {
  ENDED_TASK_RUN_STATES,
  TASK_RUN_STATES,
  TASK_RUN_TRANSITIONS,
  type TaskRunState,
} from "../../core/task-run-state.ts";
import type { NewTaskRun, RunGroup, TaskRunChange, TaskRunRecord } from "../../store/store.ts";
import type { StoreModel } from "./store-model.ts";
import {
  finished,
  queued,
  running,
  sampleAttempt,
  sampleGroup,
  sampleRun,
  sampleRunId,
  sampleWait,
  T0,
} from "../store-samples.ts";

/** A step as fast-check draws it: numbers that are turned into a group once it is known what the store holds. */
export type StoreStep =
  | { readonly kind: "reopen" }
  | { readonly kind: "commit"; readonly groups: readonly DrawnGroup[] };

interface DrawnGroup {
  readonly run: number;
  /** 0: the current one. */
  readonly revisionLag: number;
  readonly inserts: readonly { readonly task: number; readonly mapIndex: number | null; readonly claimed: boolean }[];
  readonly changes: readonly DrawnChange[];
}

interface DrawnChange {
  readonly row: number;
  readonly pick: number;
  readonly claimLag: number;
  /** Whether it starts from the state that the row is in; else from any. */
  readonly fresh: boolean;
}

const RUNS = 3;
/** Mostly the truth, sometimes what was true before, sometimes what never was. */
const lag = fc.oneof({ weight: 12, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constantFrom(1, 2, -1) });
const drawnInsert = fc.record({ task: fc.nat(2), mapIndex: fc.option(fc.nat(9)), claimed: fc.boolean() });
const drawnChange = fc.record({
  row: fc.nat(),
  pick: fc.nat(),
  claimLag: lag,
  fresh: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
});
const drawnGroup = fc.record({
  run: fc.nat(RUNS - 1),
  revisionLag: lag,
  inserts: fc.array(drawnInsert, { maxLength: 3 }),
  changes: fc.array(drawnChange, { maxLength: 3 }),
});

export const storeSteps: fc.Arbitrary<readonly StoreStep[]> = fc.array(
  fc.oneof(
    {
      weight: 25,
      arbitrary: fc.record({
        kind: fc.constant("commit" as const),
        groups: fc.array(drawnGroup, { minLength: 1, maxLength: 4 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("reopen" as const) }) },
  ),
  { maxLength: 25 },
);

/** Where a drawn step is played. */
export interface StepTarget {
  readonly model: StoreModel;
  readonly firstRun: number;
  readonly versionId: number;
  readonly taskIds: readonly number[];
}

/** The group that a drawn one stands for, on what the model holds now. A run that does not exist yet is created. */
export function groupOf(drawn: DrawnGroup, { model, firstRun, versionId, taskIds }: StepTarget): RunGroup {
  const runId = sampleRunId(firstRun + drawn.run);
  const run = model.runs.get(runId);
  const inserts = drawn.inserts.map((insert) => insertOf(insert, taskIds));
  const attempts = inserts.map((_, insert) => sampleAttempt({ insert }, versionId));
  if (run === undefined) return sampleGroup(runId, 0, { create: sampleRun(runId, versionId), inserts, attempts });
  const rows = [...run.rows.values()];
  const changes =
    rows.length === 0 ? [] : drawn.changes.map((change) => changeOf(rows[change.row % rows.length]!, change));
  return sampleGroup(runId, run.revision - drawn.revisionLag, { inserts, changes, attempts });
}

const insertOf = (drawn: DrawnGroup["inserts"][number], taskIds: readonly number[]): NewTaskRun =>
  (drawn.claimed ? running : queued)(taskIds[drawn.task]!, { mapIndex: drawn.mapIndex });

function changeOf(row: TaskRunRecord, drawn: DrawnChange): TaskRunChange {
  const from = drawn.fresh ? row.state : TASK_RUN_STATES[drawn.pick % TASK_RUN_STATES.length]!;
  const changes = changesFrom(from, row);
  return { ...changes[drawn.pick % changes.length]!, claim: row.claim - drawn.claimLag };
}

const error = { name: "Error", message: "no" };
const DECIDED = ["queued", "skipped", "upstream_failed", "cancelled", "failed", "removed"] as const;

/** Every change that the state table allows from a state. */
function changesFrom(from: TaskRunState, { id, claim, generation, discarded, losses }: TaskRunRecord): TaskRunChange[] {
  const to = (state: TaskRunState): boolean => (TASK_RUN_TRANSITIONS[from] as readonly TaskRunState[]).includes(state);
  const changes: TaskRunChange[] = DECIDED.filter(to).map((state) => ({
    id,
    claim,
    kind: "decide",
    from,
    to: state,
    at: T0 + 9,
    error: null,
    skipReason: `decided ${state}`,
  }));
  if (from === "queued") changes.push({ id, claim, kind: "claim", worker: "w2", at: T0 + 5 });
  if (from === "running") {
    changes.push(
      finished(id, claim),
      finished(id, claim, { output: { kind: "frame", uri: "file:x", bytes: 9 }, lists: { out: { length: 3 } } }),
      finished(id, claim, { state: "failed", output: null, error, losses: losses + 1 }),
      finished(id, claim, { state: "skipped", output: null, skipReason: "nothing new", arms: ["a"] }),
      finished(id, claim, { firstClaim: 1 }),
      { id, claim, kind: "retry", attempt: 2, dueAt: T0 + 7, error },
      { id, claim, kind: "defer", wait: sampleWait({ dueAt: T0 + 8, firstClaim: claim }), at: T0 + 6 },
    );
  }
  if (from === "running" || from === "up_for_retry" || from === "deferred")
    changes.push({ id, claim, kind: "requeue", from, losses: losses + 1, at: T0 + 6 });
  if ((ENDED_TASK_RUN_STATES as readonly TaskRunState[]).includes(from)) {
    changes.push({
      id,
      claim,
      kind: "reopen",
      from,
      generation: generation + 1,
      groupRetries: [1],
      discarded: discarded + 1,
      at: T0 + 8,
    });
  }
  return changes;
}
