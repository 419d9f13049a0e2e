import { Agent, request } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { monotonicMs } from "../monotonic.ts";

/** A client in a process of its own: asks a server for lists at a steady pace, and follows it on many streams. */
export type ToReader =
  | { readonly kind: "read"; readonly paths: readonly string[]; readonly count: number; readonly everyMs: number }
  | { readonly kind: "follow"; readonly streams: number }
  /** Answered when each stream has told of this run. */
  | { readonly kind: "heard"; readonly run: string };
export type FromReader =
  | { readonly kind: "ready" }
  | { readonly kind: "read"; readonly tookMs: readonly number[] }
  /** When each stream heard of it, on the clock that all processes share. */
  | { readonly kind: "heard"; readonly at: readonly number[] };

const [url = "", token = ""] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: 4 });
const headers = { authorization: `Bearer ${token}` };
/** By stream: when it first told of each run. */
const told: Map<string, number>[] = [];
let wake = (): void => {};

process.on("message", (message: ToReader) => void hear(message));
process.on("disconnect", () => process.exit(0));
say({ kind: "ready" });

function say(message: FromReader): void {
  process.send!(message);
}

async function hear(message: ToReader): Promise<void> {
  switch (message.kind) {
    case "read":
      return say({ kind: "read", tookMs: await read(message) });
    case "follow":
      await Promise.all(Array.from({ length: message.streams }, () => follow()));
      return say({ kind: "ready" });
    case "heard":
      while (told.some((runs) => !runs.has(message.run))) await new Promise<void>((resolve) => (wake = resolve));
      return say({ kind: "heard", at: told.map((runs) => runs.get(message.run)!) });
  }
}

async function read({ paths, count, everyMs }: ToReader & { kind: "read" }): Promise<readonly number[]> {
  const took: number[] = [];
  for (let asked = 0; asked < count; asked++) {
    const next = pause(everyMs);
    took.push(await ask(paths[asked % paths.length]!));
    await next;
  }
  return took;
}

/** Answers how long it took, to the last byte. */
function ask(path: string): Promise<number> {
  const begun = performance.now();
  return new Promise((resolve, reject) => {
    request(new URL(path, url), { agent, headers }, (answer) => {
      answer.resume();
      answer.once("end", () => {
        if (answer.statusCode === 200) resolve(performance.now() - begun);
        else reject(new Error(`${path}: ${answer.statusCode}`));
      });
    })
      .once("error", reject)
      .end();
  });
}

/** Answers when the first snapshot is there. */
function follow(): Promise<void> {
  const runs = new Map<string, number>();
  told.push(runs);
  return new Promise((resolve, reject) => {
    request(new URL("/api/live?topics=runs", url), { headers, agent: false }, (answer) => {
      answer.setEncoding("utf8");
      answer.on("data", (text: string) => {
        const now = monotonicMs();
        if (text.includes("event: snapshot")) resolve();
        else for (const [, run] of text.matchAll(/"id":"([0-9a-z]{26})"/g)) if (!runs.has(run!)) runs.set(run!, now);
        wake();
      });
    })
      .once("error", reject)
      .end();
  });
}
