import { DatabaseSync, type StatementSync } from "node:sqlite";

/** What a child says about a task. Its output: when its first line ran. */
export interface Done {
  readonly id: number;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly output: string;
}

/** What a turn changes about one run: revision 0 makes it, a task has ended, the next one is claimed. */
export interface Step {
  readonly run: number;
  readonly revision: number;
  readonly done: Done | null;
  readonly claimed: number | null;
}

/** Where the limit records what a turn has changed. Durable when it returns, or when the promise resolves. */
export interface LimitStore {
  commit(steps: readonly Step[]): void | Promise<void>;
  close(): void | Promise<void>;
}

const SCHEMA = `
  create table run (id integer primary key, revision integer not null) strict;
  create table task_run (
    id integer primary key, run integer not null, task integer not null, state text not null, claim integer not null,
    claimed_at integer not null, started_at integer, ended_at integer, output text
  ) strict;
  create unique index task_run_by_place on task_run (run, task);
  create table attempt (
    run integer not null, revision integer not null, task_run integer not null, claim integer not null,
    started_at integer not null, ended_at integer not null, outcome text not null,
    primary key (run, revision)
  ) strict, without rowid`;

/**
 * What the design writes, and no more: of a step its run's revision, of a task its claim, its result under that claim, and
 * its line of history. As durable as the engine's store.
 */
export class SqliteLimitStore implements LimitStore {
  readonly #db: DatabaseSync;
  readonly #begin: StatementSync;
  readonly #create: StatementSync;
  readonly #advance: StatementSync;
  readonly #finish: StatementSync;
  readonly #append: StatementSync;
  readonly #claim: StatementSync;
  readonly #commit: StatementSync;

  constructor(path: string) {
    const db = new DatabaseSync(path);
    db.exec("pragma journal_mode = wal; pragma synchronous = full");
    if (process.platform === "darwin") db.exec("pragma fullfsync = on; pragma checkpoint_fullfsync = on");
    db.exec(SCHEMA);
    this.#db = db;
    this.#begin = db.prepare("begin immediate");
    this.#create = db.prepare("insert into run values (?, 1)");
    this.#advance = db.prepare("update run set revision = revision + 1 where id = ? and revision = ?");
    this.#finish = db.prepare(
      `update task_run set state = 'succeeded', started_at = ?, ended_at = ?, output = ?
       where id = ? and run = ? and claim = 1 and state = 'running'`,
    );
    this.#append = db.prepare("insert into attempt values (?, ?, ?, 1, ?, ?, 'succeeded')");
    this.#claim = db.prepare(
      "insert into task_run (id, run, task, state, claim, claimed_at) values (?, ?, ?, 'running', 1, ?)",
    );
    this.#commit = db.prepare("commit");
  }

  commit(steps: readonly Step[]): void {
    const now = Date.now();
    this.#begin.run();
    for (const { run, revision, done, claimed } of steps) {
      if (revision === 0) this.#create.run(run);
      else this.#advance.run(run, revision);
      if (done !== null) {
        this.#finish.run(done.startedAt, done.endedAt, done.output, done.id, run);
        this.#append.run(run, revision, done.id, done.startedAt, done.endedAt);
      }
      if (claimed !== null) this.#claim.run(claimed, run, revision, now);
    }
    this.#commit.run();
  }

  close(): void {
    this.#db.close();
  }
}
