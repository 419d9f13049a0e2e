import { isEndedRun, type RunState } from "../../core/run-state.ts";
import type { TaskRunState } from "../../core/task-run-state.ts";
import { checkRunStep } from "../guard.ts";
import { addCounts, count, parseCounts, type StateCounts } from "../state-counts.ts";
import type { RunHeadRow } from "../run-row.ts";
import type { NewRun, RunChange, RunGroup } from "../store.ts";
import * as sql from "./run.sql.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";
import { getWorkflowOfVersion } from "./version.sql.ts";
import { getRunCounts, setRunCounts } from "./workflow.sql.ts";

/** A run whose row has taken its group's revision. */
export interface WrittenRun {
  readonly seq: number;
  readonly revision: number;
}

interface StateChange {
  readonly workflow: number;
  readonly from: RunState | null;
  readonly to: RunState;
}

/** What the row of a run that is being advanced holds: nobody else writes it, so it need not be read for every group. */
interface KnownRun {
  readonly seq: number;
  revision: number;
  readonly counts: StateCounts<TaskRunState>;
}

/** Runs whose row is remembered; more than this are read again. */
const MAX_KNOWN = 20_000;

/** Writes a group's run row with its counters, and the workflows' counters once a transaction. */
export class RunWriter {
  readonly #connection: SqliteConnection;
  readonly #workflowOfVersion = new Map<number, number>();
  readonly #known = new Map<string, KnownRun>();
  #changes: StateChange[] = [];
  #held = 0;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  begin(): void {
    this.#changes = [];
  }

  hold(): void {
    this.#held = this.#changes.length;
  }

  /** The group since `hold` was dropped: its state changes never happened. */
  undo(): void {
    this.#changes.length = this.#held;
    this.forgetRuns();
  }

  /** Something that was written was taken back: what is remembered may be ahead of the rows. */
  forgetRuns(): void {
    this.#known.clear();
  }

  forgetVersions(): void {
    this.#workflowOfVersion.clear();
  }

  /** `null`: the run's revision moved, or a run to create exists already. Nothing is written then. */
  write(group: RunGroup, taskRuns: StateCounts<TaskRunState>): WrittenRun | null {
    return group.create === null
      ? this.#advance(group, taskRuns)
      : this.#create(group.create, group.run ?? {}, taskRuns);
  }

  writeCounts(): void {
    if (this.#changes.length === 0) return;
    const byWorkflow = new Map<number, StateCounts<RunState>>();
    for (const { workflow, from, to } of this.#changes) {
      const counts = byWorkflow.get(workflow) ?? {};
      if (from !== null) count(counts, from, -1);
      count(counts, to, 1);
      byWorkflow.set(workflow, counts);
    }
    for (const [workflow, changes] of byWorkflow) addRunCounts(this.#connection, workflow, changes);
  }

  #create(run: NewRun, change: RunChange, taskRuns: StateCounts<TaskRunState>): WrittenRun | null {
    const state = change.state ?? run.state;
    checkRunStep(run.id, run.state, state, false);
    const workflow = this.#workflowOf(change.versionId ?? run.versionId);
    const inserted = this.#connection.get<{ seq: number }>(
      sql.insertRun({
        run: { ...run, versionId: change.versionId ?? run.versionId, generation: change.generation ?? run.generation },
        workflow,
        state,
        cancelRequested: change.cancelRequested ?? false,
        startedAt: change.startedAt ?? null,
        endedAt: change.endedAt ?? null,
        counts: JSON.stringify(taskRuns),
      }),
    );
    if (inserted === null) return null;
    this.#writeParams(inserted.seq, run);
    this.#changes.push({ workflow, from: null, to: state });
    this.#remember(run.id, { seq: inserted.seq, revision: 1, counts: { ...taskRuns } }, state);
    return { seq: inserted.seq, revision: 1 };
  }

  #writeParams(seq: number, run: NewRun): void {
    if (run.paramsInput === null && run.params === null && run.paramsLists === null) return;
    const lists = run.paramsLists === null ? null : JSON.stringify(run.paramsLists);
    this.#connection.run(sql.insertRunParams({ run: seq, input: run.paramsInput, parsed: run.params, lists }));
  }

  #advance(group: RunGroup, taskRuns: StateCounts<TaskRunState>): WrittenRun | null {
    const known = this.#known.get(group.runId) ?? this.#read(group.runId);
    if (known === null || known.revision !== group.revision) return null;
    const { seq, revision, counts } = known;
    addCounts(counts, taskRuns);
    const row = { seq, revision, counts: JSON.stringify(counts) };
    const query = group.run === null ? sql.advanceRun(row) : this.#change(group.runId, group.run, row);
    if (this.#connection.run(query) !== 1) {
      this.#known.delete(group.runId);
      return null;
    }
    known.revision++;
    this.#remember(group.runId, known, group.run?.state ?? null);
    return { seq, revision: revision + 1 };
  }

  #read(id: string): KnownRun | null {
    const position = this.#connection.get<sql.RunPositionRow>(sql.getRunPosition({ id }));
    if (position === null) return null;
    return { seq: position.seq, revision: position.revision, counts: parseCounts<TaskRunState>(position.counts) };
  }

  #remember(id: string, known: KnownRun, state: RunState | null): void {
    if (state !== null && isEndedRun(state)) this.#known.delete(id);
    else if (this.#known.size < MAX_KNOWN || this.#known.has(id)) this.#known.set(id, known);
  }

  #change(runId: string, change: RunChange, row: sql.RunPositionRow) {
    const head = this.#connection.get<RunHeadRow>(sql.getRunHead({ seq: row.seq }))!;
    const state = change.state ?? head.state;
    const generation = change.generation ?? head.generation;
    const version = change.versionId ?? head.version;
    checkRunStep(runId, head.state, state, generation > head.generation);
    if (version !== head.version) this.#connection.run(sql.insertPastVersion({ run: head.seq, version: head.version }));
    if (state !== head.state) this.#changes.push({ workflow: head.workflow, from: head.state, to: state });
    return sql.changeRun({
      ...row,
      state,
      generation,
      version,
      cancelRequested: change.cancelRequested ?? head.cancel_requested === 1,
      startedAt: change.startedAt ?? head.started_at,
      endedAt: change.endedAt === undefined ? head.ended_at : change.endedAt,
    });
  }

  #workflowOf(version: number): number {
    let workflow = this.#workflowOfVersion.get(version);
    if (workflow === undefined) {
      workflow = this.#connection.get<{ workflow: number }>(getWorkflowOfVersion({ id: version }))?.workflow;
      if (workflow === undefined)
        throw new Error(`Version ${version} is not in the store. It must be registered before a run of it is created.`);
      this.#workflowOfVersion.set(version, workflow);
    }
    return workflow;
  }
}

export function addRunCounts(connection: SqliteConnection, workflow: number, changes: StateCounts<RunState>): void {
  const row = connection.get<{ run_counts: string }>(getRunCounts({ workflow }));
  const counts = parseCounts<RunState>(row?.run_counts ?? "{}");
  addCounts(counts, changes);
  connection.run(setRunCounts({ workflow, counts: JSON.stringify(counts) }));
}
