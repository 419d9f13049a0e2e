import { Client } from "pg";
import type { LimitStore, Step } from "./limit-store.ts";

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

const COMMIT = `
  with created as (
    insert into run select g.run, 1 from unnest($1::int[]) g (run)
  ), advanced as (
    update run r set revision = r.revision + 1 from unnest($2::int[], $3::int[]) g (run, revision)
    where r.id = g.run and r.revision = g.revision
  ), ended as (
    update task_run t set state = 'succeeded', started_at = to_timestamp(g.started_at), ended_at = to_timestamp(g.ended_at), output = g.output
    from unnest($4::int[], $5::bigint[], $6::float8[], $7::float8[], $8::text[]) g (run, task_run, started_at, ended_at, output)
    where t.id = g.task_run and t.run = g.run and t.claim = 1 and t.state = 'running'
  ), begun as (
    insert into task_run (id, run, task, state, claim, claimed_at)
    select g.task_run, g.run, g.revision, 'running', 1, now() from unnest($9::int[], $10::int[], $11::bigint[]) g (run, revision, task_run)
  )
  insert into attempt select g.run, g.revision, g.task_run, 1, to_timestamp(g.started_at), to_timestamp(g.ended_at), 'succeeded'
  from unnest($4::int[], $12::int[], $5::bigint[], $6::float8[], $7::float8[]) g (run, revision, task_run, started_at, ended_at)`;

/**
 * The least that the design demands of a commit on PostgreSQL: of a step its run's revision, the result of a task under its
 * claim, the claim of the next, and a line of history; one statement a batch, prepared, durable.
 */
export class PostgresLimitStore implements LimitStore {
  readonly #client: Client;

  private constructor(client: Client) {
    this.#client = client;
  }

  static async open(url: string): Promise<PostgresLimitStore> {
    const client = new Client(url);
    await client.connect();
    // A plan made while the tables are small must not read all of them when they no longer are.
    await client.query("set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off");
    await client.query(SCHEMA);
    return new PostgresLimitStore(client);
  }

  async commit(steps: readonly Step[]): Promise<void> {
    const known = steps.filter(({ revision }) => revision > 0);
    const ended = steps.flatMap(({ run, revision, done }) => (done === null ? [] : [{ run, revision, ...done }]));
    const begun = steps.filter(({ claimed }) => claimed !== null);
    const columns = [
      steps.filter(({ revision }) => revision === 0).map(({ run }) => run),
      known.map(({ run }) => run),
      known.map(({ revision }) => revision),
      ended.map(({ run }) => run),
      ended.map(({ id }) => id),
      ended.map(({ startedAt }) => startedAt / 1000),
      ended.map(({ endedAt }) => endedAt / 1000),
      ended.map(({ output }) => output),
      begun.map(({ run }) => run),
      begun.map(({ revision }) => revision),
      begun.map(({ claimed }) => claimed),
      ended.map(({ revision }) => revision),
    ];
    const values = columns.map((column) => `{${column.join(",")}}`);
    await this.#client.query({ name: "commit", text: COMMIT, values });
  }

  close(): Promise<void> {
    return this.#client.end();
  }
}
