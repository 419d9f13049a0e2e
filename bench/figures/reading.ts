import { fork } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../src/core/clock.ts";
import { runIdFrom } from "../../src/core/run-id.ts";
import { momentWindow } from "../../src/core/window.ts";
import { loadConfig } from "../../src/loader/config.ts";
import { OwnEngine } from "../../src/owner/own-engine.ts";
import { NOBODY, type StoredVersion } from "../../src/owner/run-session.ts";
import { ServerThread } from "../../src/server/server-thread.ts";
import type { FromReader, ToReader } from "../big-store/api-reader.ts";
import { type BigStoreSize, makeBigStore } from "../big-store/big-store.ts";
import { type Measure, percentile, type Sample } from "../figure.ts";
import { monotonicMs } from "../monotonic.ts";

const HOPS = 40;
const RUNS = 15;
const STREAMS = 100;
const CHANGES = 5;
const READS = 600;
const EVERY_MS = 20;
const P50_MS = 5;
const P99_MS = 50;
const HOP_RATIO = 1.5;
const STREAM_MS = 300;

const CHAIN = `import { dag, task } from "tutti";
const steps = Array.from({ length: ${HOPS} }, (_, place) => task("hop_" + place, async (before: number) => before + 1));
export const hops = dag("hops", {}, () => { steps.reduce((before, step) => step(before) as never, 0 as never); });
`;

/**
 * The API on a store as large as a busy team's, while its engine hands tasks on without a pause: how long lists take, what that costs a hop, and how
 * long after a change a hundred clients know of it.
 */
export const reading = (size: BigStoreSize): Measure<void> => {
  const measure: Measure<void> = async () => {
    const folder = await mkdtemp(join(tmpdir(), "tutti-bench-reading-"));
    try {
      await makeBigStore(folder, size, { "hops.ts": CHAIN });
      return await measured(folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
  return Object.defineProperty(measure, "name", { value: "reading" });
};

async function measured(folder: string): Promise<readonly Sample[]> {
  const config = { ...(await loadConfig({ cwd: folder, env: {} })), port: 0 };
  const notice = (): void => {};
  if (config.store.kind !== "sqlite") throw new Error("it is a file");
  const engine = (await OwnEngine.open({ config, command: "bench", notice }, config.store.path))!;
  const server = await ServerThread.start({ config, command: "bench", notice });
  const token = (await readFile(join(config.stateDir, "token"), "utf8")).trim();
  const reader = await Reader.start(server.url, token);
  try {
    const { id, hash } = (await engine.store.latestVersion("hops"))!;
    const hopMs = (): Promise<number> => oneChain(engine, { id, hash });
    const paths = await listsOf(server.url, token);
    // Once for each, so that what is measured is compiled and in memory, as it is in a server that has been up.
    for (let run = 0; run < RUNS; run++) await hopMs();
    await reader.ask({ kind: "read", paths, count: paths.length * 3, everyMs: 0 });
    const quiet: number[] = [];
    for (let run = 0; run < RUNS; run++) quiet.push(await hopMs());
    const [took, busy] = await underLoad(reader, paths, hopMs);
    const heard = await changes(reader, engine, { id, hash });
    const ratio = percentile(busy, 0.5) / percentile(quiet, 0.5);
    const judged = { bound: "at most", limit: null } as const;
    return [
      {
        name: "lists of a large store under load, p50",
        unit: "ms",
        value: percentile(took, 0.5),
        budget: P50_MS,
        ...judged,
      },
      {
        name: "lists of a large store under load, p99",
        unit: "ms",
        value: percentile(took, 0.99),
        budget: P99_MS,
        ...judged,
      },
      { name: "chain hop while lists are read", unit: "× quiet", value: ratio, budget: HOP_RATIO, ...judged },
      {
        name: "a change reaches 100 clients, the last",
        unit: "ms",
        value: percentile(heard, 0.5),
        budget: STREAM_MS,
        ...judged,
      },
    ];
  } finally {
    reader.stop();
    await server.close();
    await engine.close(0);
  }
}

/** Lists as the pages and the command line ask for them. */
async function listsOf(url: string, token: string): Promise<readonly string[]> {
  const answer = await fetch(`${url}/api/runs?limit=1&workflow=workflow_003&state=failed`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const [run] = ((await answer.json()) as { items: { id: string }[] }).items;
  return [
    "/api/runs",
    "/api/runs?state=failed,cancelled",
    "/api/runs?workflow=workflow_017&state=failed",
    `/api/runs?select=${encodeURIComponent("tag:finance state:failed since:2d")}`,
    `/api/runs/${run!.id}`,
    `/api/runs/${run!.id}/task-runs`,
    `/api/runs/${run!.id}/attempts`,
    "/api/workflows",
    "/api/workflows?tag=sales&limit=20",
    "/api/workflows/workflow_003/versions",
    "/api/schedules",
    "/api/backfills",
    "/api/events",
    "/api/alerts?state=failed",
    "/api/audit",
    "/api/workers",
  ];
}

async function oneChain(engine: OwnEngine, version: StoredVersion): Promise<number> {
  const begun = performance.now();
  await ended(engine, version);
  return (performance.now() - begun) / HOPS;
}

function ended(engine: OwnEngine, version: StoredVersion): Promise<void> {
  const id = newId();
  const window = momentWindow(systemClock.now());
  return new Promise((resolve, reject) => {
    engine
      .submit({ id, version, workflow: "hops", params: undefined, window }, (event) => {
        if (event.kind === "run" && event.state === "succeeded") resolve();
      })
      .catch(reject);
  });
}

/** What reading took, and each hop meanwhile. */
async function underLoad(
  reader: Reader,
  paths: readonly string[],
  hopMs: () => Promise<number>,
): Promise<readonly [readonly number[], readonly number[]]> {
  const busy: number[] = [];
  const reading = reader.ask({ kind: "read", paths, count: READS, everyMs: EVERY_MS });
  const loading = new AbortController();
  void reading.finally(() => loading.abort());
  while (!loading.signal.aborted) busy.push(await hopMs());
  const answer = await reading;
  return [answer.kind === "read" ? answer.tookMs : [], busy];
}

/** Of some changes: how long after it was durable the last of all clients had heard of it. */
async function changes(reader: Reader, engine: OwnEngine, version: StoredVersion): Promise<readonly number[]> {
  await reader.ask({ kind: "follow", streams: STREAMS });
  const late: number[] = [];
  for (let change = 0; change < CHANGES; change++) {
    const id = newId();
    const window = momentWindow(systemClock.now());
    await engine.submit({ id, version, workflow: "hops", params: undefined, window }, NOBODY);
    const durable = monotonicMs();
    const answer = await reader.ask({ kind: "heard", run: id });
    if (answer.kind === "heard") late.push(Math.max(...answer.at) - durable);
  }
  return late;
}

const newId = (): string => runIdFrom(systemClock.now(), crypto.getRandomValues(new Uint8Array(10)));

/** The client's process. */
class Reader {
  readonly #process: ReturnType<typeof fork>;

  private constructor(child: ReturnType<typeof fork>) {
    this.#process = child;
  }

  static async start(url: string, token: string): Promise<Reader> {
    const child = fork(new URL("../big-store/api-reader.ts", import.meta.url), [url, token]);
    const reader = new Reader(child);
    await reader.#next();
    return reader;
  }

  ask(message: ToReader): Promise<FromReader> {
    const next = this.#next();
    this.#process.send(message);
    return next;
  }

  stop(): void {
    this.#process.disconnect();
  }

  #next(): Promise<FromReader> {
    return new Promise((resolve, reject) => {
      this.#process.once("message", (message) => resolve(message as FromReader));
      this.#process.once("exit", () => reject(new Error("the client has ended")));
    });
  }
}
