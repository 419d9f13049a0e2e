import { once } from "node:events";
import { createServer, connect, type AddressInfo, type Server, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import type { RunEvent } from "../engine/run-event.ts";
import { EventFeed } from "./event-feed.ts";
import { onJsonLine, sendJsonLine } from "./json-lines.ts";

async function pair(): Promise<{ here: Socket; there: Socket }> {
  const server: Server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const accepted = once(server, "connection") as Promise<[Socket]>;
  const here = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const [there] = await accepted;
  onTestFinished(() => void (here.destroy(), there.destroy(), server.close()));
  return { here, there };
}

test("messages come whole and in order, however they are cut up on the way", async () => {
  const { here, there } = await pair();
  const got: unknown[] = [];
  const all = new Promise<void>((resolve) => onJsonLine(there, (message) => got.push(message) === 3 && resolve()));
  const big = { text: `a\n"ü${"x".repeat(300_000)}` };
  sendJsonLine(here, 1);
  sendJsonLine(here, big);
  sendJsonLine(here, [3]);
  await all;
  expect(got).toEqual([1, big, [3]]);
});

test("what is no JSON closes the connection", async () => {
  const { here, there } = await pair();
  onJsonLine(there, () => {});
  here.write("hello\n");
  await once(here, "close");
  expect(there.destroyed).toBe(true);
});

test("a client that does not read misses events, gets a snapshot when it reads again, and always the end", async () => {
  const { here, there } = await pair();
  const snapshot: RunEvent = { kind: "snapshot", run: "running", counts: { running: 1 } };
  const feed = new EventFeed(here, "r", () => snapshot);
  there.pause();
  const event: RunEvent = { kind: "progress", task: "t".repeat(1_000), mapIndex: null, done: 1, total: 2, note: null };
  for (let i = 0; i < 50_000; i++) {
    feed.listener(event);
    if (i % 1_000 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  // The bound, and what the system's own buffers took.
  expect(here.writableLength).toBeLessThan(4 * 1024 * 1024);
  feed.listener({ kind: "run", state: "succeeded", counts: {} });
  const kinds: string[] = [];
  const ended = new Promise<void>((resolve) =>
    onJsonLine(there, (message) => {
      const { kind } = (message as { event: RunEvent }).event;
      kinds.push(kind);
      if (kinds.includes("run") && kinds.includes("snapshot")) resolve();
    }),
  );
  there.resume();
  await ended;
  expect(kinds.filter((kind) => kind === "progress").length).toBeLessThan(50_000);
});
