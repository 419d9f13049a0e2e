import type { Assignment } from "../../src/runtime/protocol.ts";
import type { AttemptRecord } from "../../src/store/reader.ts";
import type { GroupResult, RunGroup, RunRecord, TaskRunRecord } from "../../src/store/store.ts";
import type { Recorded } from "./recorded.ts";

/** A run as the store holds it. */
export interface RunRows {
  readonly run: RunRecord;
  readonly taskRuns: ReadonlyMap<number, TaskRunRecord>;
  readonly attempts: readonly AttemptRecord[];
  /** The counters of the run's own row. */
  readonly counts: Readonly<Record<string, number>>;
}

/** One group that somebody gave to the store, with the run's rows before and after. */
export interface Commit {
  readonly by: string;
  /** Whether the writer has a right to write at all: a `zombie` lost its claim and tries nevertheless. */
  readonly zombie: boolean;
  readonly group: RunGroup;
  readonly result: GroupResult;
  readonly before: RunRows | null;
  readonly after: RunRows | null;
}

/** A worker host was given a task. */
export interface Start {
  readonly host: string;
  readonly assignment: Assignment;
  /** Tasks that this host now has, this one among them. */
  readonly busy: number;
  readonly slots: number;
  /** The text of a part that was shared before; `undefined`: it never was. */
  readonly shared: (key: string) => string | undefined;
  readonly opened: boolean;
}

/**
 * A fact that must hold at every step. It is told what happens and answers what is wrong with it, in sentences; a new
 * feature adds a file of its own under `invariants/`.
 */
export interface Invariant {
  /** As `docs/operate/simulation.md` lists it. */
  readonly fact: string;
  committed?(commit: Commit, recorded: Recorded): Iterable<string>;
  started?(start: Start, recorded: Recorded): Iterable<string>;
  /** When no fault has come for long enough and nothing is left to happen. */
  atTheEnd?(recorded: Recorded): Iterable<string>;
}

/** The first thing that was wrong in a world. */
export class Violation extends Error {
  readonly fact: string;

  constructor(fact: string, what: string) {
    super(`${fact}: ${what}`);
    this.name = "Violation";
    this.fact = fact;
  }
}

export const nameOf = (row: Pick<TaskRunRecord, "id" | "mapIndex">): string =>
  `task run ${row.id}${row.mapIndex === null ? "" : `[${row.mapIndex}]`}`;
