import { parseArgs } from "node:util";
import { CONTESTANTS } from "./contestants.ts";
import { fetchAll } from "./fetch.ts";
import { type Heat, playHeat } from "./heat.ts";
import { type Measured, report, writePage } from "./page.ts";
import { fetchRedis, redisVersion } from "./redis-server.ts";
import { Servers } from "./servers.ts";
import { FEW, FULL, SMALL, WORKLOADS } from "./workloads.ts";

const NAMES = Object.keys(CONTESTANTS);
const HELP = `npm run bench:peers [-- --quick] [-- --only tutti-embedded,dbos] [-- --json] [-- --fetch]

Plays the same workloads on Tutti and on its peers, and writes the tables of docs/benchmarks.md.
--quick   one round with few tasks and without a sweep, to see that the npm packages work; the page stays as it is
--only    these systems, separated by commas; the page stays as it is
--json    one document on stdout instead of tables
--fetch   only gets what is no npm package: Redis, Temporal's server (compiled by Go), Airflow, Dagster and Prefect.
          Takes ten minutes once. Without it, those but Redis have no row

Systems: ${NAMES.join(", ")}`;

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    only: { type: "string" },
    fetch: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

async function run(): Promise<number> {
  const only = values.only?.split(",").map((name) => name.trim());
  const refusal = refuse(only);
  if (refusal !== null) {
    process.stderr.write(`${refusal}\n`);
    return 2;
  }
  const systems = NAMES.filter((name) => only?.includes(name) ?? isThere(name));
  if (systems.some((name) => name.startsWith("bullmq"))) fetchRedis();
  const servers = new Servers();
  try {
    const heats = [];
    for (const heat of heatsOf(systems)) heats.push({ ...heat, rows: await playHeat(servers, heat, note) });
    const measured = { command: commandLine(), date: new Date().toISOString().slice(0, 10), heats };
    const text = report({ ...measured, servers: await serverVersions(servers, systems), absent: absentOf(only) });
    if (!values.quick && only === undefined) writePage(text);
    console.log(values.json ? JSON.stringify(asJson(heats)) : text);
    const complete = heats.every(({ rows }) =>
      rows.every(({ samples }) => WORKLOADS.every((name) => samples[name]?.length)),
    );
    return complete ? 0 : 1;
  } finally {
    await servers.close();
  }
}

function refuse(only: readonly string[] | undefined): string | null {
  const unknown = only?.find((name) => !(name in CONTESTANTS));
  if (unknown !== undefined) return `No system is called "${unknown}". There are: ${NAMES.join(", ")}.`;
  const missing = only?.find((name) => !isThere(name));
  if (missing === undefined) return null;
  if (values.quick) return `"${missing}" takes no part in --quick, which is for the npm packages. Leave --quick away.`;
  return `"${missing}" is not there. Run: npm run bench:peers -- --fetch`;
}

const isThere = (name: string): boolean =>
  (CONTESTANTS[name]!.isThere?.() ?? true) && !(values.quick && CONTESTANTS[name]!.isThere);

const absentOf = (only: readonly string[] | undefined): string[] =>
  only || values.quick ? [] : NAMES.filter((name) => !isThere(name));

function heatsOf(systems: readonly string[]): (Heat & { readonly title: string })[] {
  const rounds = values.quick ? 1 : 5;
  const large = systems.filter((name) => CONTESTANTS[name]!.fullSize !== false);
  const small = systems.filter((name) => CONTESTANTS[name]!.fullSize === false);
  const heats = [];
  if (large.length > 0) {
    const sizes = values.quick ? SMALL : FULL;
    const warmUpMs = values.quick ? 0 : 1_500;
    heats.push({ title: "Libraries, and Temporal", systems: large, sizes, rounds, warmUpMs, sweep: !values.quick });
  }
  if (small.length > 0) {
    const beside = ["tutti-embedded", ...small];
    heats.push({ title: "Python's orchestrators", systems: beside, sizes: FEW, rounds, warmUpMs: 1, sweep: false });
  }
  return heats;
}

async function serverVersions(servers: Servers, systems: readonly string[]): Promise<Record<string, string>> {
  const postgres = await servers.postgresVersion();
  return {
    ...(postgres !== null && { PostgreSQL: postgres }),
    ...(systems.some((name) => name.startsWith("bullmq")) && { Redis: redisVersion() }),
  };
}

const commandLine = (): string =>
  [
    "npm run bench:peers",
    ...(values.quick ? ["-- --quick"] : []),
    ...(values.only ? [`-- --only ${values.only}`] : []),
  ].join(" ");

const asJson = (heats: Measured["heats"]) => ({
  systems: heats.flatMap(({ rows }) =>
    rows.map(({ system, version, choice, samples, failed }) => ({ system, version, choice, samples, failed })),
  ),
});

function note(doing: string): void {
  process.stderr.write(process.stderr.isTTY ? `\u001b[2K\r${doing}\r` : `${doing}\n`);
}

if (values.help) console.log(HELP);
else if (values.fetch) process.exitCode = fetchAll();
else process.exitCode = await run();
