import type { Clock } from "../../core/clock.ts";
import type { GroupResult, NewAttempt, RunGroup } from "../store.ts";
import { insertAttempt } from "./attempt.sql.ts";
import { isHeld, writeDrawer } from "./drawer-writer.ts";
import { insertAlerts } from "./sqlite-alerts.ts";
import { refusedBy, releaseUses, takeUses, withoutRefused } from "./sqlite-limits.ts";
import { RunWriter, type WrittenRun } from "./run-writer.ts";
import type { OwnedFile } from "./owned-file.ts";
import type { RunPlace } from "./run.sql.ts";
import { type TaskRunTally, tallyOf } from "./task-run-tally.ts";
import { changeTaskRun, insertNewTaskRun } from "./task-run-writer.ts";

const DROPPED: GroupResult = { applied: false, ids: [] };
const FULL: GroupResult = { ...DROPPED, full: true };

/** Answers `null` when a run with this id exists. */
export type CreateRun = (group: RunGroup, place: RunPlace) => WrittenRun | null;

/** A guard matched no row after a part of its group was written. */
class StaleGroup extends Error {}

/**
 * Writes a batch in one transaction, each group whole or not at all. Stale groups are rare, so a batch is first written
 * as if there were none; when a guard fails in the middle of a group, all of it is undone and written again with a
 * savepoint around each group. A savepoint costs 1 to 5 µs a group and is paid only then (`bench/store.ts`).
 */
export class GroupWriter {
  readonly #file: OwnedFile;
  readonly #clock: Clock;
  readonly #runs: RunWriter;
  #nextTaskRunId: number;

  constructor(file: OwnedFile, nextTaskRunId: number, clock: Clock) {
    this.#file = file;
    this.#clock = clock;
    this.#runs = new RunWriter(file.connection);
    this.#nextTaskRunId = nextTaskRunId;
  }

  get nextTaskRunId(): number {
    return this.#nextTaskRunId;
  }

  commit(groups: readonly RunGroup[]): readonly GroupResult[] {
    const tallies = groups.map(tallyOf);
    try {
      return this.#write(() => inOrder(groups, (group, place) => this.#apply(group, tallies[place]!)));
    } catch (error) {
      if (!(error instanceof StaleGroup)) throw error;
    }
    if (groups.length === 1) return [DROPPED];
    return this.#write(() => inOrder(groups, (group, place) => this.#applyApart(group, tallies[place]!)));
  }

  /** One transaction of something else that makes runs. */
  creating<T>(work: (create: CreateRun) => T): T {
    return this.#write(() => work((group, place) => this.#runs.write(group, tallyOf(group), place)));
  }

  forgetPrunable(): void {
    this.#runs.forgetPrunable();
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

  #applyApart(group: RunGroup, tally: TaskRunTally): GroupResult {
    const firstId = this.#nextTaskRunId;
    const { connection } = this.#file;
    connection.exec("savepoint run_group");
    this.#runs.hold();
    try {
      const result = this.#apply(group, tally);
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

  #apply(group: RunGroup, tally: TaskRunTally): GroupResult {
    if (!group.uses) return this.#applyWhole(group, tally);
    // That there is no room says nothing of a claim that may have been made.
    if (!this.#runs.isAt(group)) return DROPPED;
    const refused = refusedBy(this.#file.connection, group.uses, this.#clock.now());
    if (refused.size === 0) return this.#applyWhole(group, tally);
    const rest = withoutRefused(group, refused);
    if (rest.uses?.length === 0) return FULL;
    const result = this.#applyWhole(rest, tallyOf(rest));
    return result.applied ? { ...result, refused: [...refused] } : result;
  }

  // The run comes first: its revision is the guard that fails most, and then nothing is written yet.
  #applyWhole(group: RunGroup, tally: TaskRunTally): GroupResult {
    const { connection } = this.#file;
    const run = this.#runs.write(group, tally);
    if (run === null) return DROPPED;
    for (const drawer of group.drawers) {
      if (!isHeld(connection, run.seq, drawer)) throw new StaleGroup();
      writeDrawer(connection, drawer);
    }
    for (const change of group.changes) {
      if (changeTaskRun(connection, run.seq, change) !== 1) throw new StaleGroup();
    }
    const ids = this.#insertTaskRuns(group, run);
    group.attempts.forEach((attempt, place) => this.#appendAttempt(run, place, attempt, ids));
    if (group.alerts) insertAlerts(connection, group.alerts);
    if (group.releases) releaseUses(connection, group.releases);
    if (group.uses) takeUses(connection, group.uses, this.#clock.now());
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
    this.#file.connection.run(insertAttempt({ revision: run.revision, place, taskRun }, attempt, error));
  }
}

/** What follows a group that was dropped is dropped too, whatever revision its run has by now. */
function inOrder(
  groups: readonly RunGroup[],
  apply: (group: RunGroup, place: number) => GroupResult,
): readonly GroupResult[] {
  const dropped = new Set<string>();
  return groups.map((group, place) => {
    const result = group.follows && dropped.has(group.runId) ? DROPPED : apply(group, place);
    if (!result.applied) dropped.add(group.runId);
    return result;
  });
}
