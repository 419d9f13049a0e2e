import { expect, test } from "vitest";
import { systemClock } from "../../core/clock.ts";
import { LogWriter } from "../../engine/logs/log-writer.ts";
import { newGroup, runId, testServer } from "../fixture.test-data.ts";
import { LiveFeed } from "./live-feed.ts";
import { Topic } from "./topic.ts";

interface Told {
  readonly event: string;
  readonly id: string | null;
  readonly data: {
    readonly topic?: string;
    readonly run?: { readonly id: string; readonly state: string };
    readonly removed?: readonly string[];
    readonly reason?: string;
    readonly lines?: readonly { readonly message: string }[];
    readonly total?: number;
  };
}

/** Reads a stream of events, one by one. */
class Events {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #text = "";

  constructor(answer: Response) {
    expect(answer.headers.get("content-type")).toContain("text/event-stream");
    this.#reader = answer.body!.getReader();
  }

  async next(): Promise<Told> {
    for (;;) {
      const end = this.#text.indexOf("\n\n");
      if (end === -1) {
        const { value, done } = await this.#reader.read();
        if (done) throw new Error(`the stream ended: ${this.#text}`);
        this.#text += new TextDecoder().decode(value);
        continue;
      }
      const lines = this.#text.slice(0, end).split("\n");
      this.#text = this.#text.slice(end + 2);
      const field = (name: string) =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? null;
      const data = field("data");
      if (data !== null)
        return { event: field("event") ?? "", id: field("id"), data: JSON.parse(data) as Told["data"] };
    }
  }

  async until(wanted: (told: Told) => boolean): Promise<Told> {
    for (;;) {
      const told = await this.next();
      if (wanted(told)) return told;
    }
  }

  close(): Promise<void> {
    return this.#reader.cancel();
  }
}

const LOCAL = { as: "local" } as const;

async function liveWorld() {
  const world = await testServer();
  const filled = await world.fill();
  const follow = async (topics: string, last?: string) =>
    new Events(
      await world.ask(`/api/live?topics=${topics}`, {
        ...LOCAL,
        headers: last === undefined ? {} : { "last-event-id": last },
      }),
    );
  const cancel = (id: string) => world.ask(`/api/runs/${id}/cancel`, { ...LOCAL, method: "POST" });
  const begin = (id: string) => world.engine.store.commit([newGroup(id, filled.sales.id)]);
  return { ...world, ...filled, follow, cancel, begin };
}

test("a stream is a snapshot and then what changes, with rising ids", async () => {
  const { follow, cancel, begin, going, other } = await liveWorld();
  const events = await follow("runs");
  const snapshot = await events.next();
  expect(snapshot).toMatchObject({
    event: "snapshot",
    data: { topic: "runs", runs: [{ id: other }, { id: going }, { state: "failed" }] },
  });
  await cancel(going);
  const first = await events.next();
  expect(first).toMatchObject({ event: "delta", data: { topic: "runs", run: { id: going, state: "cancelled" } } });
  // No engine told of this one: the slow look finds it.
  await begin(runId(9));
  const second = await events.next();
  expect(second.data.run?.id).toBe(runId(9));
  const [a, b, c] = [snapshot, first, second].map(({ id }) => Number(id!.split("-")[1]));
  expect(a! < b! && b! < c!).toBe(true);
  await events.close();
});

test("a run that is removed is told of, also where nobody said so", async () => {
  const { follow, engine, failed, going } = await liveWorld();
  const said = Promise.withResolvers<readonly string[]>();
  const stop = await engine.changes({ changed: said.resolve, progressed() {} });
  const events = await follow("runs");
  await events.next();
  await engine.prune(systemClock.now());
  expect(await said.promise).toEqual([failed]);
  expect(await events.next()).toMatchObject({ event: "delta", data: { topic: "runs", removed: [failed] } });
  stop();
  await engine.cancel(going);
  await events.until(({ data }) => data.run?.state === "cancelled");
  await engine.store.prune({ endedBefore: systemClock.now() });
  expect(await events.next()).toMatchObject({ event: "delta", data: { topic: "runs", removed: [going] } });
  await events.close();
});

test("whoever comes back goes on after the last event that he saw, and misses none", async () => {
  const { follow, cancel, going, other } = await liveWorld();
  const events = await follow("runs");
  const { id } = await events.next();
  await events.close();
  await cancel(going);
  await cancel(other);
  const again = await follow("runs", id!);
  expect(await again.next()).toMatchObject({ event: "resumed", id });
  const ids = [await again.next(), await again.next()].map(({ data }) => data.run?.id);
  expect(new Set(ids)).toEqual(new Set([going, other]));
  await again.close();
});

test.each(["another-12", "", "x", "9999999999", "-", "a-b-c"])(
  "whoever comes back with %j is told to begin anew",
  async (last) => {
    const { follow } = await liveWorld();
    const events = await follow("runs", last);
    expect(await events.next()).toMatchObject({ event: "reset", data: { reason: "too long ago" } });
    expect(await events.next()).toMatchObject({ event: "snapshot" });
    await events.close();
  },
);

test("whoever comes back when nobody has looked meanwhile is told to begin anew", async () => {
  const { engine } = await liveWorld();
  const closed = Promise.withResolvers<void>();
  const source = { snapshot: async () => ({}), look: async () => {}, close: () => closed.resolve() };
  const live = new LiveFeed({
    session: async () => engine,
    sources: () => source,
    notice: () => {},
    lookEveryMs: 5,
    lingerMs: 0,
  });
  const first = live.follow(["a"], () => {});
  const id = live.position;
  expect(first.since(id)).toMatchObject({ deltas: [] });
  first.leave();
  await closed.promise;
  const second = live.follow(["a"], () => {});
  expect(second.since(id)).toBeNull();
  second.leave();
  await live.close();
});

test("of more deltas than are kept, the oldest are gone, and whoever needs them is told", () => {
  const topic = new Topic("runs", 10);
  for (let seq = 11; seq <= 3_010; seq++) topic.add({ seq, data: "{}", workflow: null });
  expect(topic.since(3_008)?.map(({ seq }) => seq)).toEqual([3_009, 3_010]);
  expect(topic.since(1_010)).toHaveLength(2_000);
  expect(topic.since(1_009)).toBeNull();
  expect(topic.since(10)).toBeNull();
});

test("a run that is followed tells of its task runs, and of its end", async () => {
  const { follow, cancel, going, failed } = await liveWorld();
  const events = await follow(`run:${going.slice(0, 26)},run:${failed}`);
  expect(await events.next()).toMatchObject({
    data: { topic: `run:${going}`, run: { state: "running" }, taskRuns: [] },
  });
  expect(await events.next()).toMatchObject({
    data: { taskRuns: [{ task: "extract" }, { task: "load", state: "failed" }] },
  });
  await cancel(going);
  const told = await events.until(({ data }) => data.run?.state === "cancelled");
  expect(told).toMatchObject({ event: "delta", data: { topic: `run:${going}`, run: { id: going } } });
  await events.close();
});

test("a log that is followed begins with its last lines, and goes on with what is written", async () => {
  const { follow, going, config } = await liveWorld();
  const writers = ["one", "two"].map((worker) => new LogWriter({ dir: config.logsDir, worker }));
  const write = (at: number): void => {
    const line = { taskRunId: 1, claim: 1, runId: going, at, level: "info", source: "log", fields: null } as const;
    writers[at % 2]!.add({ ...line, message: `line ${at}` });
  };
  for (let at = 1; at <= 1_200; at++) write(at);
  for (const writer of writers) writer.flush();
  const events = await follow(`logs:${going}`);
  const { data } = await events.next();
  expect(data).toMatchObject({ topic: `logs:${going}`, total: 1_200 });
  expect(data.lines?.map(({ message }) => message)).toEqual(
    Array.from({ length: 500 }, (_, place) => `line ${701 + place}`),
  );
  write(1_201);
  for (const writer of writers) writer.close();
  expect(await events.next()).toMatchObject({
    event: "delta",
    data: { lines: [{ message: "line 1201" }], total: 1_201 },
  });
  await events.close();
});

test("nothing is looked at while nobody follows", async () => {
  const { server, follow } = await liveWorld();
  expect(server.live.streams).toBe(0);
  const events = await follow("runs,workflows");
  await events.next();
  expect(server.live.streams).toBe(1);
  await events.close();
  await expect.poll(() => server.live.streams, { timeout: 5_000 }).toBe(0);
});
