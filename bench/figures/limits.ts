import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { migratePostgres } from "../../src/store/postgres/open-postgres-store.ts";
import { PostgresServer } from "../../test/support/postgres-server.ts";
import type { Measure, Sample } from "../figure.ts";
import { POOLS, SLOTS, type Span } from "../limits/pooled.ts";

const CLAIMERS = 8;
const SLOTS_EACH = 32;
const SHARE = 0.5;

const entry = fileURLToPath(new URL("../limits/claimer.ts", import.meta.url));

/** So many task runs are queued at once in 50 pools of four slots: what is done in a second, against the same without pools, and how many were ever in one pool. */
export const limits =
  (queued: number): Measure<void> =>
  async () => [...(await onSqlite(queued)), ...(await onPostgres(queued))];

/** One owner, with the slots of eight. */
async function onSqlite(queued: number): Promise<readonly Sample[]> {
  const elements = queued / POOLS / CLAIMERS;
  const run = (limited: boolean) => played([claimer("", limited, elements, CLAIMERS, CLAIMERS * SLOTS_EACH)]);
  return samples("SQLite", queued, await run(false), await run(true));
}

async function onPostgres(queued: number): Promise<readonly Sample[]> {
  const server = await PostgresServer.start({ durable: true });
  try {
    const elements = queued / POOLS / CLAIMERS;
    const run = async (limited: boolean) => {
      const { url } = await server.makeDatabase();
      await migratePostgres({ url });
      return played(Array.from({ length: CLAIMERS }, () => claimer(url, limited, elements, 1, SLOTS_EACH)));
    };
    return samples(`PostgreSQL, ${CLAIMERS} claimers`, queued, await run(false), await run(true));
  } finally {
    await server.stop();
  }
}

interface Played {
  readonly ms: number;
  readonly spans: readonly Span[];
}

const claimer = (url: string, limited: boolean, elements: number, runs: number, slots: number) =>
  spawn(process.execPath, [entry, url, limited ? "limited" : "free", ...[elements, runs, slots].map(String)], {
    stdio: ["pipe", "pipe", "inherit"],
  });

/** All begin at once, when the last of them is ready, and stay until the last of them is done. */
async function played(claimers: readonly ReturnType<typeof claimer>[]): Promise<Played> {
  const said = claimers.map(({ stdout }) => createInterface({ input: stdout })[Symbol.asyncIterator]());
  const line = () => Promise.all(said.map(async (lines) => (await lines.next()).value as string));
  await line();
  const start = performance.now();
  for (const { stdin } of claimers) stdin.write("go\n");
  await line();
  const ms = performance.now() - start;
  for (const { stdin } of claimers) stdin.end();
  const spans = (await line()).flatMap((text) => JSON.parse(text) as Span[]);
  return { ms, spans };
}

function samples(where: string, queued: number, free: Played, limited: Played): readonly Sample[] {
  for (const { spans } of [free, limited])
    if (spans.length !== queued) throw new Error(`${spans.length} of ${queued} task runs ran on ${where}`);
  const rate = ({ ms }: Played) => queued / (ms / 1000);
  const unlimited = rate(free);
  return [
    {
      name: `${where}: ${queued.toLocaleString("en")} queued in ${POOLS} pools`,
      unit: "tasks/s",
      value: rate(limited),
      bound: "at least",
      budget: unlimited * SHARE,
      limit: unlimited,
    },
    {
      name: `${where}: most that ever ran in one pool`,
      unit: "tasks",
      value: mostAtOnce(limited.spans),
      bound: "at most",
      budget: SLOTS,
      limit: null,
    },
  ];
}

/** Over all processes, which share a clock. */
function mostAtOnce(spans: readonly Span[]): number {
  let most = 0;
  for (const ofPool of Map.groupBy(spans, ({ pool }) => pool).values()) {
    // An end counts before a beginning of the same moment.
    const turns = ofPool.flatMap(({ from, to }) => [
      { at: from, by: 1 },
      { at: to, by: -1 },
    ]);
    let now = 0;
    for (const { by } of turns.sort((a, b) => a.at - b.at || a.by - b.by)) most = Math.max(most, (now += by));
  }
  return most;
}
