import { Logger, makeWorkerUtils, run, type TaskList } from "graphile-worker";
import { Pool } from "pg";
import { Bodies } from "../bodies.ts";
import { versionOf } from "../version.ts";
import type { Contestant, Ground, Peer } from "../peer.ts";

/** It has jobs and no graph: a job adds the next one, and a counter in a table is the join. */
async function setup({ setting, postgresUrl }: Ground): Promise<Peer> {
  const bodies = new Bodies();
  const taskList: TaskList = {
    step: async (payload, { addJob }) => {
      bodies.ran();
      const { left } = payload as { left: number };
      if (left > 0) await addJob("step", { left: left - 1 });
    },
    leaf: async (_, helpers) => {
      bodies.ran();
      await helpers.query(
        `with down as (update fan set remaining = remaining - 1 where id = 1 returning remaining)
         select graphile_worker.add_job('join', '{}'::json) from down where remaining = 0`,
      );
    },
    join: async () => bodies.ran(),
  };
  const concurrentJobs = setting["concurrency"] as number;
  const pgPool = new Pool({ connectionString: postgresUrl, max: Math.min(40, concurrentJobs + 2) });
  const runner = await run({
    pgPool,
    taskList,
    noHandleSignals: true,
    crontab: "",
    preset: {
      worker: {
        concurrentJobs,
        logger: new Logger(() => () => {}),
        ...(setting["batch"] === undefined
          ? {}
          : { localQueue: { size: setting["batch"] as number }, completeJobBatchDelay: 0, failJobBatchDelay: 0 }),
      },
    },
  });
  const utils = await makeWorkerUtils({ pgPool });
  await pgPool.query("create table fan (id integer primary key, remaining integer not null)");
  await pgPool.query("insert into fan values (1, 0)");
  const start = (count: number, length: number) =>
    utils.addJobs(Array.from({ length: count }, () => ({ identifier: "step", payload: { left: length - 1 } })));
  return {
    chain: (length) => bodies.time(length, () => start(1, length)),
    fanOut: (width) =>
      bodies.time(width + 1, async () => {
        await pgPool.query("update fan set remaining = $1", [width]);
        await utils.addJobs(Array.from({ length: width }, (_, i) => ({ identifier: "leaf", payload: { i } })));
      }),
    runs: (count, length) => bodies.time(count * length, () => start(count, length)),
    idle: () => bodies.timeToFirstLine(() => utils.addJob("step", { left: 0 })),
    teardown: async () => {
      await runner.stop();
      await utils.release();
      await pgPool.end();
    },
  };
}

export const graphileWorker: Contestant = {
  title: "graphile-worker",
  version: () => versionOf("graphile-worker"),
  needs: ["postgres"],
  durability: "PostgreSQL, fsync on, synchronous_commit on",
  tasksRun: "called in the worker's process",
  crashLoses: "nothing; jobs that a dead worker held begin again after 4 hours (its default)",
  how: "It has no graph: each job adds the next one, and the join is a counter in a table of ours that the last leaf brings to zero.",
  aheadBecause:
    "its tasks are called in process and leave no rows behind; ours are sent to another process and each is on disk when it is claimed, when it ends and as history",
  sweep: [{ concurrency: 24, batch: 500 }, { concurrency: 24 }, { concurrency: 10 }, { concurrency: 4, batch: 50 }],
  setup,
};
