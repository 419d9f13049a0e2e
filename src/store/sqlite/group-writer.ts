import type { TaskRunState } from "../../core/task-run-state.ts";
import { guardOf } from "../guard.ts";
import { count, type StateCounts } from "../state-counts.ts";
import type { GroupResult, NewAttempt, RunGroup } from "../store.ts";
import { insertAttempt } from "./attempt.sql.ts";
import { isHeld, writeDrawer } from "./drawer-writer.ts";
import { RunWriter, type WrittenRun } from "./run-writer.ts";
import type { OwnedFile } from "./owned-file.ts";
import { changeTaskRun, insertNewTaskRun } from "./task-run-writer.ts";

const DROPPED: GroupResult = { applied: false, ids: [] };

/** A guard matched no row after a part of its group was written. */
class StaleGroup extends Error {}

/**
 * Writes a batch in one transaction, each group whole or not at all. Stale groups are rare, so a batch is first written
 * as if there were none; when a guard fails in the middle of a group, all of it is undone and written again with a
 * savepoint around each group. A savepoint costs 1 to 5 µs a group and is paid only then (`bench/store.ts`).
 */
export class GroupWriter {
  readonly #file: OwnedFile;
  readonly #runs: RunWriter;
  #nextTaskRunId: number;

  constructor(file: OwnedFile, nextTaskRunId: number) {
    this.#file = file;
    this.#runs = new RunWriter(file.connection);
    this.#nextTaskRunId = nextTaskRunId;
  }

  get nextTaskRunId(): number {
    return this.#nextTaskRunId;
  }

  commit(groups: readonly RunGroup[]): readonly GroupResult[] {
    const counts = groups.map(countTaskRuns);
    try {
      return this.#write(() => groups.map((group, place) => this.#apply(group, counts[place]!)));
    } catch (error) {
      if (!(error instanceof StaleGroup)) throw error;
    }
    if (groups.length === 1) return [DROPPED];
    return this.#write(() => groups.map((group, place) => this.#applyApart(group, counts[place]!)));
  }

  forgetVersions(): void {
    this.#runs.forgetVersions();
  }

  #write<T>(work: () => T): T {
    const firstId = this.#nextTaskRunId;
    try {
      return this.#file.write(() => {
        this.#runs.begin();
        const result = work();
        this.#runs.writeCounts();
        return result;
      });
    } catch (error) {
      this.#nextTaskRunId = firstId;
      this.#runs.forgetRuns();
      throw error;
    }
  }

  #applyApart(group: RunGroup, counts: StateCounts<TaskRunState>): GroupResult {
    const firstId = this.#nextTaskRunId;
    const { connection } = this.#file;
    connection.exec("savepoint run_group");
    this.#runs.hold();
    try {
      const result = this.#apply(group, counts);
      connection.exec("release run_group");
      return result;
    } catch (error) {
      if (!(error instanceof StaleGroup)) throw error;
      this.#runs.undo();
      this.#nextTaskRunId = firstId;
      connection.exec("rollback to run_group; release run_group");
      return DROPPED;
    }
  }

  // The run comes first: its revision is the guard that fails most, and then nothing is written yet.
  #apply(group: RunGroup, counts: StateCounts<TaskRunState>): GroupResult {
    const run = this.#runs.write(group, counts);
    if (run === null) return DROPPED;
    const { connection } = this.#file;
    for (const drawer of group.drawers) {
      if (!isHeld(connection, run.seq, drawer)) throw new StaleGroup();
      writeDrawer(connection, drawer);
    }
    for (const change of group.changes) {
      if (changeTaskRun(connection, run.seq, change) !== 1) throw new StaleGroup();
    }
    const ids = this.#insertTaskRuns(group, run);
    group.attempts.forEach((attempt, place) => this.#appendAttempt(run, place, attempt, ids));
    return { applied: true, ids };
  }

  #insertTaskRuns(group: RunGroup, run: WrittenRun): number[] {
    const ids: number[] = [];
    for (const insert of group.inserts) {
      const id = this.#nextTaskRunId++;
      if (insertNewTaskRun(this.#file.connection, run.seq, id, insert) !== 1) throw new StaleGroup();
      ids.push(id);
    }
    return ids;
  }

  #appendAttempt(run: WrittenRun, place: number, attempt: NewAttempt, ids: readonly number[]): void {
    const taskRun = "id" in attempt.taskRun ? attempt.taskRun.id : ids[attempt.taskRun.insert]!;
    const error = attempt.error === null ? null : JSON.stringify(attempt.error);
    this.#file.connection.run(insertAttempt({ run: run.seq, revision: run.revision, place, taskRun }, attempt, error));
  }
}

/** What the group does to the run's counters. Refuses a step that the state table does not have, before anything is written. */
function countTaskRuns(group: RunGroup): StateCounts<TaskRunState> {
  const counts: StateCounts<TaskRunState> = {};
  for (const insert of group.inserts) count(counts, insert.state, 1);
  for (const change of group.changes) {
    const { from, to } = guardOf(change);
    count(counts, from, -1);
    count(counts, to, 1);
  }
  return counts;
}
