import { join } from "node:path";
import { OpenWorkflow } from "openworkflow";
import { BackendPostgres } from "openworkflow/postgres";
import { BackendSqlite } from "openworkflow/sqlite";
import { Bodies } from "../bodies.ts";
import { versionOf } from "../version.ts";
import type { Contestant, Ground, Peer } from "../peer.ts";

type Backend = ConstructorParameters<typeof OpenWorkflow>[0]["backend"];

/** The steps it allows a run. */
const MOST_STEPS = 1_000;

async function setup({ setting }: Ground, backend: Backend): Promise<Peer> {
  const bodies = new Bodies();
  const app = new OpenWorkflow({ backend });
  const chain = app.defineWorkflow<{ length: number }, void>({ name: "chain" }, async ({ input, step }) => {
    for (let place = 0; place < input.length; place++) await step.run({ name: `step-${place}` }, () => bodies.ran());
  });
  const fan = app.defineWorkflow<{ width: number }, number>({ name: "fan" }, async ({ input, step }) => {
    const leaf = (_: unknown, i: number) =>
      step.run({ name: `leaf-${i}` }, () => {
        bodies.ran();
        return i;
      });
    const all = await Promise.all(Array.from({ length: input.width }, leaf));
    return step.run({ name: "join" }, () => {
      bodies.ran();
      return all.length;
    });
  });
  const worker = app.newWorker({ concurrency: setting["concurrency"] as number });
  await worker.start();
  return {
    chain: (length) => bodies.time(length, () => chain.run({ length })),
    fanOut: (wanted) => {
      const width = Math.min(wanted, MOST_STEPS - 1);
      return bodies.time(width + 1, () => fan.run({ width }));
    },
    runs: (count, length) =>
      bodies.time(count * length, () => Promise.all(Array.from({ length: count }, () => chain.run({ length })))),
    idle: () => bodies.timeToFirstLine(() => chain.run({ length: 1 })),
    teardown: async () => {
      await worker.stop();
      await backend.stop();
    },
  };
}

const common = {
  version: () => versionOf("openworkflow"),
  tasksRun: "called in the worker's process",
  crashLoses: "nothing; runs that a dead worker held go on after 30 s",
  how: "One workflow function whose steps run in sequence or by Promise.all; its fan-out is of 999, because it allows a run 1,000 steps. Workers look for runs by polling, 0.1 to 1 s apart when idle; there is no setting for it.",
  aheadBecause: "its tasks are called in process; ours are sent to another one and back",
  sweep: [{ concurrency: 100 }, { concurrency: 10 }, { concurrency: 30 }],
} as const;

export const onSqlite: Contestant = {
  ...common,
  title: "OpenWorkflow on SQLite",
  needs: [],
  durability: "SQLite, WAL, synchronous FULL (the runtime's default, which it keeps)",
  setup: async (ground) => setup(ground, BackendSqlite.connect(join(ground.folder, "openworkflow.db"))),
};

export const onPostgres: Contestant = {
  ...common,
  title: "OpenWorkflow on PostgreSQL",
  needs: ["postgres"],
  durability: "PostgreSQL, fsync on, synchronous_commit on",
  setup: async (ground) => setup(ground, await BackendPostgres.connect(ground.postgresUrl)),
};
