import { Pool } from "pg";
import { PgBoss } from "pg-boss";
import { Bodies } from "../bodies.ts";
import type { Contestant, Ground, Peer } from "../peer.ts";
import { versionOf } from "../version.ts";

interface Step {
  readonly left: number;
}

/** Its own graphs are moved on by a timer of a second or more, so a job sends the next one, and a counter in a table is the join. */
async function setup({ setting, postgresUrl }: Ground, together: boolean): Promise<Peer> {
  const bodies = new Bodies();
  const own = new Pool({ connectionString: postgresUrl, max: 10 });
  await own.query("create table fan (id integer primary key, remaining integer not null)");
  await own.query("insert into fan values (1, 0)");
  const boss = new PgBoss({ connectionString: postgresUrl, useListenNotify: true, max: 30, schedule: false });
  boss.on("error", (error) => process.stderr.write(`pg-boss: ${error.message}\n`));
  await boss.start();
  for (const queue of ["step", "leaf", "join"]) await boss.createQueue(queue, { notify: true });

  const steps = async (jobs: readonly { readonly data: Step }[]) => {
    for (const _ of jobs) bodies.ran();
    const next = jobs.filter(({ data }) => data.left > 0).map(({ data }) => ({ data: { left: data.left - 1 } }));
    if (next.length > 0) await boss.insert("step", next);
  };
  const leaves = async (jobs: readonly unknown[]) => {
    for (const _ of jobs) bodies.ran();
    const { rows } = await own.query<{ remaining: number }>(
      "update fan set remaining = remaining - $1 where id = 1 returning remaining",
      [jobs.length],
    );
    if (rows[0]?.remaining === 0) await boss.send("join", {});
  };
  const options = {
    localConcurrency: setting["concurrency"] as number,
    batchSize: setting["batch"] as number,
    burstWhenBatchFull: true,
    pollingIntervalSeconds: 0.5,
    notifyPollingIntervalSeconds: 0.5,
  };
  // What is fetched at once is handled by one call, or each by itself with an outcome of its own.
  const work = (queue: string, handle: (jobs: readonly { readonly data: Step }[]) => Promise<void>) =>
    together
      ? boss.work<Step>(queue, options, handle)
      : boss.work<Step>(queue, { ...options, perJobResults: true }, (jobs) =>
          Promise.all(
            jobs.map(async (job) => {
              await handle([job]);
              return { id: job.id, status: "completed" as const };
            }),
          ),
        );
  await work("step", steps);
  await work("leaf", leaves);
  await boss.work("join", { ...options, localConcurrency: 1 }, async () => bodies.ran());

  const start = (count: number, length: number) =>
    boss.insert(
      "step",
      Array.from({ length: count }, () => ({ data: { left: length - 1 } })),
    );
  return {
    chain: (length) => bodies.time(length, () => start(1, length)),
    fanOut: (width) =>
      bodies.time(width + 1, async () => {
        await own.query("update fan set remaining = $1", [width]);
        await boss.insert(
          "leaf",
          Array.from({ length: width }, () => ({ data: { left: 0 } })),
        );
      }),
    runs: (count, length) => bodies.time(count * length, () => start(count, length)),
    idle: () => bodies.timeToFirstLine(() => boss.send("step", { left: 0 })),
    teardown: async () => {
      await boss.stop({ graceful: false });
      await own.end();
    },
  };
}

const common = {
  version: () => versionOf("pg-boss"),
  needs: ["postgres"],
  durability: "PostgreSQL, fsync on, synchronous_commit on",
  tasksRun: "called in the worker's process",
} as const;

export const oneByOne: Contestant = {
  ...common,
  title: "pg-boss",
  crashLoses: "nothing; jobs that a dead worker held begin again after 15 minutes (its default)",
  how: "A job sends the next one, woken by LISTEN/NOTIFY, because flow() moves on by a timer of one second or more; the join is a counter in a table of ours. Jobs are fetched in batches, and each is handled and settled by itself.",
  aheadBecause: "its tasks are called in process; ours are sent to another one and back",
  sweep: [
    { concurrency: 4, batch: 25 },
    { concurrency: 10, batch: 10 },
    { concurrency: 2, batch: 100 },
    { concurrency: 20, batch: 2 },
  ],
  setup: (ground) => setup(ground, false),
};

export const inBatches: Contestant = {
  ...common,
  title: "pg-boss, a batch a call",
  crashLoses: "nothing; the batches that a dead worker held begin again as a whole after 15 minutes (its default)",
  how: "The same, but a function is called once for all tasks of a batch and sends what follows all of them in one statement; an exception fails the whole batch.",
  aheadBecause:
    "a batch of tasks is one call of one function, one insert and one completion, and all of them fail together; ours are started, timed and recorded one by one in another process",
  sweep: [
    { concurrency: 4, batch: 100 },
    { concurrency: 1, batch: 200 },
    { concurrency: 2, batch: 500 },
    { concurrency: 10, batch: 25 },
  ],
  setup: (ground) => setup(ground, true),
};
