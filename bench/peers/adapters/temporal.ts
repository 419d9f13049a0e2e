import Long from "long";
import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { setTimeout as pause } from "node:timers/promises";
import { Client, Connection } from "@temporalio/client";
import { DefaultLogger, NativeConnection, Runtime, Worker } from "@temporalio/worker";
import { Bodies } from "../bodies.ts";
import type { Contestant, Ground, Peer } from "../peer.ts";
import { activitiesOf } from "../temporal/activities.ts";
import { TemporalServer, temporalVersion } from "../temporal-server.ts";
import { versionOf } from "../version.ts";

const NAMESPACE = "bench";
const QUEUE = "work";
const STARTS_AT_ONCE = 50;

async function setup({ setting, folder }: Ground): Promise<Peer> {
  const server = await TemporalServer.start(folder);
  const connection = await patiently(() => Connection.connect({ address: server.address }));
  await patiently(() =>
    connection.workflowService.registerNamespace({
      namespace: NAMESPACE,
      workflowExecutionRetentionPeriod: { seconds: Long.fromNumber(86_400) },
    }),
  );
  Runtime.install({ logger: new DefaultLogger("ERROR", () => {}) });
  const bodies = new Bodies();
  const concurrency = setting["concurrency"] as number;
  const native = await NativeConnection.connect({ address: server.address });
  const worker = await patiently(() =>
    Worker.create({
      connection: native,
      namespace: NAMESPACE,
      taskQueue: QUEUE,
      workflowsPath: fileURLToPath(new URL("../temporal/workflows.ts", import.meta.url)),
      activities: activitiesOf(bodies),
      maxConcurrentActivityTaskExecutions: concurrency,
      maxConcurrentWorkflowTaskExecutions: Math.max(2, setting["workflows"] as number),
      maxConcurrentActivityTaskPolls: setting["polls"] as number,
      maxConcurrentWorkflowTaskPolls: setting["polls"] as number,
    }),
  );
  const running = worker.run();
  const client = new Client({ connection, namespace: NAMESPACE });
  const start = (workflow: string, size: number) =>
    client.workflow.start(workflow, { taskQueue: QUEUE, workflowId: randomUUID(), args: [size] });
  return {
    chain: (length) => bodies.time(length, () => start("chain", length)),
    fanOut: (width) => bodies.time(width + 1, () => start("fan", width)),
    runs: (count, length) =>
      bodies.time(count * length, async () => {
        let left = count;
        const inTurn = async () => {
          while (left-- > 0) await start("chain", length);
        };
        await Promise.all(Array.from({ length: STARTS_AT_ONCE }, inTurn));
      }),
    idle: () => bodies.timeToFirstLine(() => start("chain", 1)),
    teardown: async () => {
      worker.shutdown();
      await running;
      await native.close();
      await connection.close();
      await server.stop();
    },
  };
}

/** Until its services have found each other. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      if (attempt === 100) throw error;
      await pause(200);
    }
  }
}

export const temporal: Contestant = {
  title: "Temporal, server on SQLite",
  version: () => `server ${temporalVersion()}, SDK ${versionOf("@temporalio/worker")}`,
  needs: [],
  durability: "SQLite file, WAL, synchronous FULL, one shard: as its dev server with a database file",
  tasksRun: "dispatched by the server to the worker's process",
  crashLoses: "nothing; a task of a dead worker begins again at its timeout",
  how: "A workflow function that calls activities in sequence or by Promise.all; server in one process, worker and client in another.",
  aheadBecause: "its worker has the next task in hand when the server has recorded it",
  sweep: [
    { concurrency: 100, workflows: 40, polls: 10 },
    { concurrency: 200, workflows: 100, polls: 25 },
    { concurrency: 20, workflows: 10, polls: 5 },
  ],
  setup,
};
