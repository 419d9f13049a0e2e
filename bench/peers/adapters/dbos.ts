import { DBOS } from "@dbos-inc/dbos-sdk";
import { Bodies } from "../bodies.ts";
import { versionOf } from "../version.ts";
import type { Contestant, Ground, Peer } from "../peer.ts";

async function setup({ setting, postgresUrl }: Ground): Promise<Peer> {
  const bodies = new Bodies();
  const chain = DBOS.registerWorkflow(
    async (length: number) => {
      for (let place = 0; place < length; place++) await DBOS.runStep(async () => bodies.ran(), { name: "step" });
    },
    { name: "chain" },
  );
  const fan = DBOS.registerWorkflow(
    async (width: number) => {
      const leaf = (_: unknown, i: number) =>
        DBOS.runStep(
          async () => {
            bodies.ran();
            return i;
          },
          { name: "leaf" },
        );
      const all = await Promise.all(Array.from({ length: width }, leaf));
      await DBOS.runStep(
        async () => {
          bodies.ran();
          return all.length;
        },
        { name: "join" },
      );
    },
    { name: "fan" },
  );
  DBOS.setConfig({
    name: "bench",
    systemDatabaseUrl: postgresUrl,
    systemDatabasePoolSize: setting["pool"] as number,
    logLevel: "error",
    tracingEnabled: false,
  });
  await DBOS.launch();
  const start = async (of: (size: number) => Promise<void>, size: number) => {
    const handle = await DBOS.startWorkflow(of)(size);
    await handle.getResult();
  };
  return {
    chain: (length) => bodies.time(length, () => start(chain, length)),
    fanOut: (width) => bodies.time(width + 1, () => start(fan, width)),
    runs: (count, length) =>
      bodies.time(count * length, async () => {
        let left = count;
        const inTurn = async () => {
          while (left-- > 0) await start(chain, length);
        };
        await Promise.all(Array.from({ length: setting["concurrency"] as number }, inTurn));
      }),
    idle: () => bodies.timeToFirstLine(() => start(chain, 1)),
    teardown: () => DBOS.shutdown(),
  };
}

export const dbos: Contestant = {
  title: "DBOS",
  version: () => versionOf("@dbos-inc/dbos-sdk"),
  needs: ["postgres"],
  durability: "PostgreSQL, fsync on, synchronous_commit on",
  tasksRun: "called in the process that started the run",
  crashLoses:
    "nothing; runs go on when their process is back (another one takes them over only with a licensed service)",
  how: "One workflow function whose steps run in sequence or by Promise.all, started directly. Its queues are not used: they begin a run by polling.",
  aheadBecause: "its tasks are called in the process that triggers; ours are sent to another one and back",
  sweep: [
    { concurrency: 100, pool: 20 },
    { concurrency: 20, pool: 10 },
    { concurrency: 50, pool: 40 },
    { concurrency: 1000, pool: 20 },
  ],
  setup,
};
