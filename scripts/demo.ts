/**
 * `npm run demo [-- --json]`: a week of real retail days through extract, transform, load and notify, by the command line as it is shipped.
 * Run again, it replaces the same days and prints the same.
 */
import { DuckDBInstance } from "@duckdb/node-api";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs, styleText } from "node:util";

const ROOT = join(import.meta.dirname, "..");
const RETAIL = join(ROOT, "examples", "retail");
const DATA = join(RETAIL, "data");
const FROM = "2017-12-24";
const TO = "2017-12-30";

interface Day {
  readonly date: string;
  readonly lines: number;
  readonly sales: number;
  readonly quantity: number;
}

let running: ChildProcess | null = null;
let interrupted = false;

const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });
process.on("SIGINT", () => {
  interrupted = true;
  // A terminal sends it to both; from elsewhere it came to this process alone.
  if (!process.stdin.isTTY) running?.kill("SIGINT");
});
process.on("SIGTERM", () => running?.kill("SIGTERM"));
process.exitCode = await demo(values.json);

async function demo(json: boolean): Promise<number> {
  if (!(await isSeeded())) {
    say(json, "Filling the shop's database with the Superstore orders …");
    const seeded = await tutti(json, "run", "seed");
    if (seeded !== 0 || interrupted) return ended();
  }
  say(json, `Running "retail" for ${FROM} … ${TO}`);
  const code = await tutti(json, "run", "retail", "--file", join("pipelines", "retail.ts"), "--from", FROM, "--to", TO);
  if (code !== 0 || interrupted) return ended();
  const days = await readDays();
  const total = sumOf(days);
  process.stdout.write(json ? `${JSON.stringify({ days, total })}\n` : table(days, total));
  return 0;
}

/** The command to its end, in the example's folder. Its own output is the progress, and with `--json` stays away from ours. */
async function tutti(json: boolean, ...args: string[]): Promise<number> {
  running = spawn(process.execPath, [join(ROOT, "bin", "tutti.mjs"), ...args, ...(json ? ["--json"] : [])], {
    cwd: RETAIL,
    stdio: ["inherit", json ? "ignore" : "inherit", "inherit"],
  });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  running.on("error", reject).on("exit", (code) => resolve(code ?? 1));
  return await promise.finally(() => (running = null));
}

function ended(): number {
  if (interrupted) process.stderr.write(`\nStopped. Nothing is lost: npm run demo goes over the same days again.\n`);
  else
    process.stderr.write(
      `\nThe demo failed; what is above says why. The runs and their logs: cd ${RETAIL} && npx tutti runs\n`,
    );
  return interrupted ? 130 : 1;
}

/** Also false where an earlier seed was stopped half-way. */
async function isSeeded(): Promise<boolean> {
  if (!existsSync(join(DATA, "orders.duckdb"))) return false;
  return await read("orders", "select count(*) > 0 as seeded from orders", []).then(
    ([row]) => row?.["seeded"] === true,
    () => false,
  );
}

async function readDays(): Promise<Day[]> {
  const rows = await read(
    "warehouse",
    `select strftime(day, '%Y-%m-%d') as date, cast(sum(lines) as integer) as lines, cast(sum(sales) as varchar) as sales, cast(sum(quantity) as integer) as quantity
     from (select unnest(generate_series(cast($1 as date), cast($2 as date), interval 1 day)) as day) left join daily_sales using (day) group by day order by day`,
    [FROM, TO],
  );
  return rows.map(({ date, lines, sales, quantity }) => ({
    date: String(date),
    lines: Number(lines),
    sales: Number(sales),
    quantity: Number(quantity),
  }));
}

/** Past all our own code: what another reader of the file would find. */
async function read(database: string, statement: string, values: string[]): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(join(DATA, `${database}.duckdb`), { access_mode: "read_only" });
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(statement, values)).getRowObjects();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

// In ten-thousandths, as the amounts have four decimals.
function sumOf(days: readonly Day[]): Omit<Day, "date"> {
  return {
    lines: days.reduce((sum, day) => sum + day.lines, 0),
    sales: days.reduce((sum, day) => sum + Math.round(day.sales * 10_000), 0) / 10_000,
    quantity: days.reduce((sum, day) => sum + day.quantity, 0),
  };
}

function table(days: readonly Day[], total: Omit<Day, "date">): string {
  const amount = (sales: number): string =>
    sales.toLocaleString("en-US", { minimumFractionDigits: 4, maximumFractionDigits: 4 });
  const row = (date: string, lines: string | number, sales: string, quantity: string | number): string =>
    `  ${date.padEnd(10)}  ${String(lines).padStart(6)}  ${sales.padStart(14)}  ${String(quantity).padStart(9)}\n`;
  const head = styleText("dim", row("day", "lines", "sales", "quantity").trimEnd());
  const foot = styleText("bold", row("total", total.lines, amount(total.sales), total.quantity).trimEnd());
  return `\n${head}\n${days.map((day) => row(day.date, day.lines, amount(day.sales), day.quantity)).join("")}${foot}\n\n`;
}

function say(json: boolean, line: string): void {
  if (!json) process.stdout.write(`${line}\n`);
}
