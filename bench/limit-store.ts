import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Assigned, Done } from "./limit.ts";

const SCHEMA = `
  create table run (id integer primary key, revision integer not null) strict;
  create table task_run (
    id integer primary key, run integer not null, task integer not null, state text not null, claim integer not null, worker text,
    claimed_at integer, started_at integer, ended_at integer, output text
  ) strict;
  create unique index task_run_by_place on task_run (run, task);
  create table attempt (
    run integer not null, revision integer not null, place integer not null, task_run integer not null, claim integer not null,
    worker text not null, started_at integer not null, ended_at integer not null, outcome text not null,
    primary key (run, revision, place)
  ) strict, without rowid`;

/**
 * What the design writes of each task, and no more: its claim, its result under that claim, and its line of history; of
 * each batch the run's revision. As durable as the engine's store.
 */
export class LimitStore {
  readonly #db: DatabaseSync;
  readonly #begin: StatementSync;
  readonly #advance: StatementSync;
  readonly #claim: StatementSync;
  readonly #finish: StatementSync;
  readonly #append: StatementSync;
  readonly #commit: StatementSync;
  #revision = 0;

  constructor(path: string) {
    const db = new DatabaseSync(path);
    db.exec("pragma journal_mode = wal; pragma synchronous = full");
    if (process.platform === "darwin") db.exec("pragma fullfsync = on; pragma checkpoint_fullfsync = on");
    db.exec(SCHEMA);
    db.exec("insert into run values (1, 0)");
    this.#db = db;
    this.#begin = db.prepare("begin immediate");
    this.#advance = db.prepare("update run set revision = revision + 1 where id = 1 and revision = ?");
    this.#claim = db.prepare(
      "insert into task_run (id, run, task, state, claim, worker, claimed_at) values (?, 1, ?, 'running', 1, 'limit', ?)",
    );
    this.#finish = db.prepare(
      "update task_run set state = 'succeeded', started_at = ?, ended_at = ?, output = ? where id = ? and run = 1 and claim = 1 and state = 'running'",
    );
    this.#append = db.prepare("insert into attempt values (1, ?, ?, ?, 1, 'limit', ?, ?, 'succeeded')");
    this.#commit = db.prepare("commit");
  }

  /** Durable when it returns. */
  commit(finished: readonly Done[], claimed: readonly Assigned[]): void {
    const now = Date.now();
    this.#begin.run();
    this.#advance.run(this.#revision++);
    let place = 0;
    for (const { id, startedAt, endedAt, output } of finished) {
      this.#finish.run(startedAt, endedAt, output, id);
      this.#append.run(this.#revision, place++, id, startedAt, endedAt);
    }
    for (const { id } of claimed) this.#claim.run(id, id, now);
    this.#commit.run();
  }

  close(): void {
    this.#db.close();
  }
}
