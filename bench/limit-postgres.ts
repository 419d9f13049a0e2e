import { Client } from "pg";

const SCHEMA = `
  create table run (id integer primary key, revision integer not null) with (fillfactor = 50);
  create table task_run (
    id bigint primary key, run integer not null, task integer not null, state text not null, claim integer not null,
    claimed_at timestamptz not null, started_at timestamptz, ended_at timestamptz, output text
  ) with (fillfactor = 75);
  create unique index task_run_by_place on task_run (run, task);
  create table attempt (
    run integer not null, revision integer not null, task_run bigint not null, claim integer not null,
    started_at timestamptz not null, ended_at timestamptz not null, outcome text not null, primary key (run, revision)
  );`;

const HOP = `
  with advanced as (
    update run r set revision = r.revision + 1 from unnest($1::int[], $2::int[]) g (run, revision)
    where r.id = g.run and r.revision = g.revision
  ), ended as (
    update task_run t set state = 'succeeded', started_at = now(), ended_at = now(), output = '[1]'
    from unnest($1::int[], $3::bigint[]) g (run, task_run)
    where t.id = g.task_run and t.run = g.run and t.claim = 1 and t.state = 'running'
  ), begun as (
    insert into task_run (id, run, task, state, claim, claimed_at)
    select g.next, g.run, g.revision, 'running', 1, now() from unnest($1::int[], $2::int[], $4::bigint[]) g (run, revision, next)
  )
  insert into attempt select g.run, g.revision, g.task_run, 1, now(), now(), 'succeeded'
  from unnest($1::int[], $2::int[], $3::bigint[]) g (run, revision, task_run)`;

/**
 * The least that the design demands of a commit on PostgreSQL: of a hop its run's revision, the result of a task under its
 * claim, the claim of the next, and a line of history; one statement a batch, prepared, durable.
 */
export class PostgresLimit {
  readonly #client: Client;
  readonly #runs: { readonly id: number; revision: number; taskRun: number }[] = [];
  #next = 0;

  private constructor(client: Client) {
    this.#client = client;
  }

  static async open(url: string, runs: number): Promise<PostgresLimit> {
    const limit = new PostgresLimit(new Client(url));
    await limit.#client.connect();
    // A plan made while the tables are small must not read all of them when they no longer are.
    await limit.#client.query("set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off");
    await limit.#client.query(SCHEMA);
    for (let id = 1; id <= runs; id += 1) {
      const taskRun = (limit.#next += 1);
      await limit.#client.query("insert into run values ($1, 1)", [id]);
      await limit.#client.query("insert into task_run values ($1, $2, 0, 'running', 1, now())", [taskRun, id]);
      limit.#runs.push({ id, revision: 1, taskRun });
    }
    return limit;
  }

  async hops(total: number, perCommit: number): Promise<void> {
    for (let done = 0; done < total; done += perCommit) {
      const moving = Array.from({ length: perCommit }, (_, place) => this.#runs[(done + place) % this.#runs.length]!);
      const next = moving.map(() => (this.#next += 1));
      const columns = [
        moving.map(({ id }) => id),
        moving.map(({ revision }) => revision),
        moving.map(({ taskRun }) => taskRun),
        next,
      ];
      const values = columns.map((column) => `{${column.join(",")}}`);
      await this.#client.query({ name: "hop", text: HOP, values });
      moving.forEach((run, place) => {
        run.revision += 1;
        run.taskRun = next[place]!;
      });
    }
  }

  close(): Promise<void> {
    return this.#client.end();
  }
}
