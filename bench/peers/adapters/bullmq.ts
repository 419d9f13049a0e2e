import { type FlowJob, FlowProducer, Queue, Worker } from "bullmq";
import { Bodies } from "../bodies.ts";
import { versionOf } from "../version.ts";
import type { Contestant, Ground, Peer } from "../peer.ts";

const QUEUE = "work";

/** Flows are trees written backwards: the last task is the root, and what it waits for are its children. */
async function setup({ setting, redisPorts }: Ground, policy: "everysec" | "always"): Promise<Peer> {
  const connection = { host: "127.0.0.1", port: redisPorts[policy] as number, maxRetriesPerRequest: null };
  const bodies = new Bodies();
  const worker = new Worker(
    QUEUE,
    async (job) => {
      bodies.ran();
      if (job.name !== "join") return job.data as unknown;
      return Object.values(await job.getChildrenValues()).length;
    },
    { connection, concurrency: setting["concurrency"] as number },
  );
  const flows = new FlowProducer({ connection });
  const queue = new Queue(QUEUE, { connection });
  await Promise.all([worker.waitUntilReady(), flows.waitUntilReady(), queue.waitUntilReady()]);
  return {
    chain: (length) => bodies.time(length, () => flows.add(chainOf(length))),
    fanOut: (width) =>
      bodies.time(width + 1, () =>
        flows.add({
          name: "join",
          queueName: QUEUE,
          children: Array.from({ length: width }, (_, i) => node("one", i)),
        }),
      ),
    runs: (count, length) =>
      bodies.time(count * length, () => flows.addBulk(Array.from({ length: count }, () => chainOf(length)))),
    idle: () => bodies.timeToFirstLine(() => queue.add("one", 0)),
    teardown: async () => {
      await Promise.all([worker.close(), flows.close(), queue.close()]);
    },
  };
}

const node = (name: string, data: number, children: FlowJob[] = []): FlowJob => ({
  name,
  data,
  queueName: QUEUE,
  children,
});

function chainOf(length: number): FlowJob {
  let root = node("one", 0);
  for (let place = 1; place < length; place++) root = node("one", place, [root]);
  return root;
}

type Words = Pick<Contestant, "durability" | "crashLoses" | "aheadBecause">;

const contestant = (policy: "everysec" | "always", words: Words): Contestant => ({
  ...words,
  title: `BullMQ, Redis append-only file ${policy === "always" ? "always" : "every second"}`,
  version: () => versionOf("bullmq"),
  needs: ["redis"],
  tasksRun: "called in the worker's process",
  how: "FlowProducer: a chain is a tree of nested children, a fan-out is a parent with its children, whose values it reads.",
  sweep: [{ concurrency: 100 }, { concurrency: 10 }, { concurrency: 30 }, { concurrency: 300 }],
  setup: (ground) => setup(ground, policy),
});

export const everySecond = contestant("everysec", {
  durability: "appendfsync everysec: acknowledged before it is on disk",
  crashLoses:
    "power cut: about the last second of acknowledged jobs and results. Worker: nothing; its jobs count as stalled after 30 s",
  aheadBecause: "it answers before anything is on disk, and its tasks are called in process",
});

export const always = contestant("always", {
  durability: "appendfsync always: on disk when acknowledged",
  crashLoses: "nothing acknowledged. Worker: nothing; its jobs count as stalled after 30 s",
  aheadBecause: "its tasks are called in process, where ours are sent to another one and back, and it keeps no history",
});
