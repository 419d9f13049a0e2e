import { spawn } from "node:child_process";
import { copyFileSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { PostgresServer } from "../../test/support/postgres-server.ts";

/**
 * `npm run bench:rows`: a million rows from PostgreSQL to Parquet to a DuckDB warehouse, as a run of the command line in two ways, and by a plain
 * script that takes one row after the other (fewer of them, by its rate). The orchestrator's own memory is its process at its highest, against a run of
 * a thousand rows: `--budget` MiB more fails. Linux, where a process tells its highest.
 */
const { values: flags } = parseArgs({
  options: {
    rows: { type: "string", default: "1000000" },
    script: { type: "string", default: "50000" },
    budget: { type: "string", default: "50" },
  },
});
const ROWS = Number(flags.rows);
const SCRIPT_ROWS = Number(flags.script);
const FEW = 1_000;
const SAMPLE_MS = 20;
const ROOT = join(import.meta.dirname, "..", "..");
const MIB = 2 ** 20;
const folder = mkdtempSync(join(tmpdir(), "tutti-rows-"));
const server = await PostgresServer.start();

try {
  const { name, url } = await server.makeDatabase();
  await server.execute(
    name,
    `create table sales as select n::bigint as id, 'region ' || n % 7 as region, 'category ' || n % 31 as category,
       ((n % 10000) / 100.0)::numeric(10, 2) as amount, date '2025-01-01' + (n % 365)::int as sold_on,
       timestamptz '2025-01-01 00:00:00Z' + n * interval '1 second' as sold_at
     from generate_series(1, ${ROWS}) as n`,
  );
  mkdirSync(join(folder, "pipelines"));
  writeFileSync(join(folder, "package.json"), "{}");
  copyFileSync(join(import.meta.dirname, "pipeline.ts"), join(folder, "pipelines", "rows.ts"));
  const script = await finished([
    join(import.meta.dirname, "script.ts"),
    url,
    join(folder, "script.db"),
    `${SCRIPT_ROWS}`,
  ]);
  const plain = SCRIPT_ROWS / (JSON.parse(script.stdout) as { seconds: number }).seconds;
  console.log(`script: ${rate(plain)}, one row after the other, measured with ${SCRIPT_ROWS.toLocaleString("en")}`);
  for (const way of ["rows", "copy"] as const) {
    const few = await run(way, FEW, url);
    const all = await run(way, ROWS, url);
    const growth = (all.own - few.own) / MIB;
    console.log(
      `${way}: ${all.seconds.toFixed(1)} s, ${rate(ROWS / all.seconds)}, ${(ROWS / all.seconds / plain).toFixed(0)} times the script; ` +
        `the orchestrator ${(all.own / MIB).toFixed(0)} MiB, ${growth.toFixed(0)} more than for ${FEW.toLocaleString("en")} rows; its largest child ${(all.child / MIB).toFixed(0)} MiB`,
    );
    if (growth > Number(flags.budget)) process.exitCode = 1;
  }
} finally {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}

function rate(perSecond: number): string {
  return `${Math.round(perSecond).toLocaleString("en")} rows a second`;
}

interface Played {
  readonly seconds: number;
  /** Bytes. */
  readonly own: number;
  readonly child: number;
}

/** The time is that of its tasks, from the first that starts to the last that ends. */
async function run(way: string, rows: number, url: string): Promise<Played> {
  const env = { TUTTI_CONNECTION_ORDERS: url, TUTTI_CONNECTION_WAREHOUSE: "duckdb:./warehouse.db" };
  const played = await finished([join(ROOT, "bin", "tutti.mjs"), "run", way, "--json", "--param", `rows=${rows}`], env);
  const { tasks } = JSON.parse(played.stdout) as { tasks: readonly Timed[] };
  const counted = tasks.at(-1)?.output;
  if (counted?.rows !== rows) throw new Error(`${way}: ${rows} rows went in, and the warehouse has ${counted?.rows}.`);
  const begun = Math.min(...tasks.map((task) => Date.parse(task.startedAt)));
  const ended = Math.max(...tasks.map((task) => Date.parse(task.endedAt)));
  const bytes = globSync(join(folder, "*.parquet")).map((file) => statSync(file).size);
  if (bytes.length === 0) throw new Error(`${way} left no Parquet file.`);
  return { seconds: (ended - begun) / 1000, own: played.own, child: played.child };
}

interface Timed {
  readonly startedAt: string;
  readonly endedAt: string;
  readonly output?: { readonly rows: number };
}

/** A Node process to its end, with the most memory that it and any child of it had. */
async function finished(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly stdout: string; readonly own: number; readonly child: number }> {
  const started = spawn(process.execPath, args, { cwd: folder, env: { ...process.env, ...env } });
  let [stdout, stderr, own, child] = ["", "", 0, 0];
  started.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  started.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const sampling = setInterval(() => {
    own = Math.max(own, highest(started.pid ?? 0));
    for (const pid of childrenOf(started.pid ?? 0)) child = Math.max(child, highest(pid));
  }, SAMPLE_MS);
  const { promise, resolve } = Promise.withResolvers<number | null>();
  started.on("close", resolve);
  const code = await promise;
  clearInterval(sampling);
  if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}:\n${stdout}\n${stderr}`);
  return { stdout, own, child };
}

function highest(pid: number): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(fileOf(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;
}

function childrenOf(pid: number): number[] {
  return fileOf(`/proc/${pid}/task/${pid}/children`).split(" ").filter(Boolean).map(Number);
}

function fileOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
