import type { Instant } from "../../core/clock.ts";
import { isEndedRun, type RunState } from "../../core/run-state.ts";
import { checkRunStep } from "../guard.ts";
import { addCounts, count, parseCounts, type StateCounts } from "../state-counts.ts";
import type { RunHeadRow } from "../run-row.ts";
import type { NewRun, RunChange, RunGroup } from "../store.ts";
import { getMaxPrunedRun } from "./pruned-run.sql.ts";
import * as sql from "./run.sql.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";
import { addTally, parseTally, type TaskRunTally, tallyText } from "./task-run-tally.ts";
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

/** What the rows of a run that is being advanced hold: nobody else writes them, so they need not be read for every group. */
interface KnownRun {
  readonly seq: number;
  readonly workflow: number;
  version: number;
  state: RunState;
  generation: number;
  cancelRequested: boolean;
  timedOut: boolean;
  startedAt: Instant | null;
  endedAt: Instant | null;
  revision: number;
  readonly taskRuns: TaskRunTally;
}

const NO_WINDOW: sql.RunPlace = { window: null, held: false };

/** Runs whose rows are remembered; more than this are read again. */
const MAX_KNOWN = 20_000;

/** Writes a group's run and its counters, and the workflows' counters of ended runs once a transaction. */
export class RunWriter {
  readonly #connection: SqliteConnection;
  readonly #workflowOfVersion = new Map<number, number>();
  readonly #known = new Map<string, KnownRun>();
  /** Of ended runs, by workflow; written here and by retention, after which it is read again. */
  readonly #runCounts = new Map<number, StateCounts<RunState>>();
  #changes: StateChange[] = [];
  #held = 0;
  /** Of a pruned run, too, no number is given twice: rows of it may still wait for their sweep. */
  #nextSeq: number;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
    const { seq } = connection.get<{ seq: number }>(sql.getMaxRunSeq())!;
    const { run } = connection.get<{ run: number }>(getMaxPrunedRun())!;
    this.#nextSeq = Math.max(seq, run) + 1;
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
    this.#runCounts.clear();
  }

  /** Retention is about to remove ended runs and unused versions. */
  forgetPrunable(): void {
    this.#workflowOfVersion.clear();
    this.#runCounts.clear();
  }

  /** `null`: the run's revision moved, or a run to create exists already. Nothing is written then. */
  write(group: RunGroup, taskRuns: TaskRunTally, place: sql.RunPlace = NO_WINDOW): WrittenRun | null {
    return group.create === null
      ? this.#advance(group, taskRuns)
      : this.#create(group.create, group.run ?? {}, taskRuns, place);
  }

  writeCounts(): void {
    const changed = new Set<number>();
    for (const { workflow, from, to } of this.#changes) {
      const [reopens, ends] = [from !== null && isEndedRun(from), isEndedRun(to)];
      if (!reopens && !ends) continue;
      const counts = this.#runCounts.get(workflow) ?? readRunCounts(this.#connection, workflow);
      if (reopens) count(counts, from!, -1);
      if (ends) count(counts, to, 1);
      this.#runCounts.set(workflow, counts);
      changed.add(workflow);
    }
    for (const workflow of changed) writeRunCounts(this.#connection, workflow, this.#runCounts.get(workflow)!);
  }

  #create(run: NewRun, change: RunChange, taskRuns: TaskRunTally, place: sql.RunPlace): WrittenRun | null {
    const { state = run.state, versionId = run.versionId, generation = run.generation } = change;
    const { cancelRequested = false, startedAt = null, endedAt = null } = change;
    checkRunStep(run.id, run.state, state, false);
    const workflow = this.#workflowOf(versionId);
    const head = { workflow, state, cancelRequested, startedAt, endedAt };
    const seq = this.#nextSeq++;
    const row = sql.insertRun({ seq, run: { ...run, versionId, generation }, ...head, place });
    if (this.#connection.run(row) === 0) return null;
    this.#connection.run(sql.insertRunProgress({ run: seq, counts: tallyText(taskRuns) }));
    this.#writeParams(seq, run);
    if (run.partition !== undefined)
      this.#connection.run(sql.insertRunPartition({ runId: run.id, partition: run.partition }));
    this.#changes.push({ workflow, from: null, to: state });
    this.#remember(run.id, { seq, ...head, timedOut: false, version: versionId, generation, revision: 1, taskRuns });
    return { seq, revision: 1 };
  }

  #writeParams(seq: number, run: NewRun): void {
    if (run.paramsInput === null && run.params === null && run.paramsLists === null) return;
    const lists = run.paramsLists === null ? null : JSON.stringify(run.paramsLists);
    this.#connection.run(sql.insertRunParams({ run: seq, input: run.paramsInput, parsed: run.params, lists }));
  }

  /** Whether the run is where the group was decided. Nothing is written. */
  isAt({ runId, revision }: RunGroup): boolean {
    return (this.#known.get(runId) ?? this.#read(runId))?.revision === revision;
  }

  #advance({ runId, revision, run }: RunGroup, taskRuns: TaskRunTally): WrittenRun | null {
    const known = this.#known.get(runId) ?? this.#read(runId);
    if (known === null || known.revision !== revision) return null;
    const { seq } = known;
    addTally(known.taskRuns, taskRuns);
    if (this.#connection.run(sql.advanceRun({ seq, revision, counts: tallyText(known.taskRuns) })) !== 1) {
      this.#known.delete(runId);
      return null;
    }
    known.revision++;
    if (run !== null) this.#change(runId, known, run);
    this.#remember(runId, known);
    return { seq, revision: revision + 1 };
  }

  #read(id: string): KnownRun | null {
    const row = this.#connection.get<RunHeadRow>(sql.getRunHead({ id }));
    if (row === null) return null;
    const { seq, workflow, version, state, generation, revision } = row;
    return {
      seq,
      workflow,
      version,
      state,
      generation,
      revision,
      cancelRequested: row.cancel_requested === 1,
      timedOut: row.timed_out === 1,
      startedAt: row.started_at,
      endedAt: row.ended_at,
      taskRuns: parseTally(row.counts),
    };
  }

  #remember(id: string, known: KnownRun): void {
    if (isEndedRun(known.state)) this.#known.delete(id);
    else if (this.#known.size < MAX_KNOWN || this.#known.has(id)) this.#known.set(id, known);
  }

  #change(runId: string, known: KnownRun, change: RunChange): void {
    const before = { ...known };
    const { seq, state, version, workflow, generation } = before;
    known.state = change.state ?? state;
    known.generation = change.generation ?? generation;
    known.version = change.versionId ?? version;
    known.cancelRequested = change.cancelRequested ?? known.cancelRequested;
    known.timedOut = change.timedOut ?? known.timedOut;
    known.startedAt = change.startedAt ?? known.startedAt;
    known.endedAt = change.endedAt === undefined ? known.endedAt : change.endedAt;
    checkRunStep(runId, state, known.state, known.generation > generation);
    if (known.version !== version) {
      this.#connection.run(sql.insertPastVersion({ run: seq, version }));
      this.#connection.run(sql.changeRunVersion({ seq, version: known.version }));
    }
    if (known.state !== state) this.#changes.push({ workflow, from: state, to: known.state });
    this.#connection.run(isFirstStep(before, known) ? sql.beginRun(known) : sql.changeRun(known));
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

const isFirstStep = (before: KnownRun, after: KnownRun): boolean =>
  before.state === "queued" &&
  after.state === "running" &&
  before.generation === after.generation &&
  before.cancelRequested === after.cancelRequested &&
  before.timedOut === after.timedOut;

export function addRunCounts(connection: SqliteConnection, workflow: number, changes: StateCounts<RunState>): void {
  const counts = readRunCounts(connection, workflow);
  addCounts(counts, changes);
  writeRunCounts(connection, workflow, counts);
}

const readRunCounts = (connection: SqliteConnection, workflow: number): StateCounts<RunState> =>
  parseCounts<RunState>(connection.get<{ run_counts: string }>(getRunCounts({ workflow }))?.run_counts ?? "{}");

const writeRunCounts = (connection: SqliteConnection, workflow: number, counts: StateCounts<RunState>): void =>
  void connection.run(setRunCounts({ workflow, counts: JSON.stringify(counts) }));
