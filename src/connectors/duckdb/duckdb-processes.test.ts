import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, beforeEach, expect, it } from "vitest";
import { tempProject, type TempProject } from "../../../test/support/temp-project.ts";
import { setConnectionResolver } from "../../authoring/connection.ts";
import { sql } from "../sql/index.ts";

let before: ReturnType<typeof setConnectionResolver>;
let project: TempProject;
let url: string;
beforeEach(() => {
  project = tempProject();
  url = `duckdb:${project.path("shared.db")}`;
  before = setConnectionResolver(() => url);
});
afterEach(() => void setConnectionResolver(before));
const db = sql("db");

/** A process of its own, as a worker's child is one, with `db` on the same file. */
async function elsewhere(code: string): Promise<string> {
  const source = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
  const program = `
    import { setConnectionResolver } from ${source("../../authoring/connection.ts")};
    import { sql } from ${source("../sql/index.ts")};
    setConnectionResolver(() => ${JSON.stringify(url)});
    const db = sql("db");
    ${code}`;
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", program],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  let out = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (out += chunk.toString()));
  await once(child, "close");
  return out.trim();
}

it("several processes write to one file at the same time and nothing is lost", async () => {
  const write = (part: number): string => `
    for (let n = 0; n < 10; n++) await db.replace("parts", [{ n }, { n }], { where: { part: ${part} * 100 + n } });
    console.log("done");`;
  const here = async (): Promise<void> => {
    for (let n = 0; n < 10; n++) await db.replace("parts", [{ n }, { n }], { where: { part: 900 + n } });
  };
  const [first, second, third] = await Promise.all([
    elsewhere(write(1)),
    elsewhere(write(2)),
    elsewhere(write(3)),
    here(),
  ]);
  expect([first, second, third]).toEqual(["done", "done", "done"]);
  expect(await db.query`select count(*) as n, count(distinct part) as parts from parts`).toEqual([
    { n: 80, parts: 40 },
  ]);
}, 60_000);

it("a process that never stops asking gives the others their turn", async () => {
  const stop = new AbortController();
  const busy = Promise.all(
    Array.from({ length: 4 }, async () => {
      while (!stop.signal.aborted) await db.query`select count(*) from range(1000000)`;
    }),
  );
  const said = await elsewhere(
    `await db.execute\`create table t (n integer)\`; console.log(await db.execute\`insert into t values (1)\`);`,
  );
  stop.abort();
  await busy;
  expect(said).toBe("1");
}, 60_000);

it("a stream that was left does not hold the file", async () => {
  for await (const _ of db.rows`select range from range(10000000)`) break;
  expect(await elsewhere(`console.log((await db.query\`select 1 as n\`)[0].n);`)).toBe("1");
});

it("a file that is held for too long is an error that says what to do", async () => {
  url += "?lock_timeout=300ms";
  const rows = db.rows`select range from range(10000000)`[Symbol.asyncIterator]();
  await rows.next();
  const said = await elsewhere("await db.query`select 1`.catch((error) => console.log(error.code, error.message));");
  await rows.return?.();
  expect(said).toMatch(/^CONNECTION_FAILED Connection "db" can't be opened: .*Could not set lock/);
  expect(said).toContain("access_mode=read_only");
});

it("many processes read at once what all open read-only", async () => {
  await db.execute`create table t as select 42 as n`;
  url += "?access_mode=read_only";
  const rows = db.rows`select n from t, range(10000000)`[Symbol.asyncIterator]();
  await rows.next();
  expect(await elsewhere("console.log((await db.query`select n from t`)[0].n);")).toBe("42");
  await rows.return?.();
  await expect(db.execute`delete from t`).rejects.toMatchObject({ code: "SQL_FAILED" });
});

it("one file under two settings in one process waits, and inside a stream says so", async () => {
  await db.execute`create table t as select 42 as n`;
  const readOnly = `${url}?access_mode=read_only`;
  const plain = url;
  const rows = db.rows`select n from t, range(10000000)`[Symbol.asyncIterator]();
  await rows.next();
  url = readOnly;
  await expect(db.query`select 1`).rejects.toMatchObject({
    code: "CONNECTION_FAILED",
    message: expect.stringContaining("other settings"),
  });
  await rows.return?.();
  const mixed = Array.from({ length: 10 }, (_, at) => {
    url = at % 2 === 0 ? plain : readOnly;
    return db.query`select n from t`;
  });
  expect(await Promise.all(mixed)).toEqual(mixed.map(() => [{ n: 42 }]));
});

it("an abort ends the wait for a held file", async () => {
  const rows = db.rows`select range from range(10000000)`[Symbol.asyncIterator]();
  await rows.next();
  const said = await elsewhere(
    "await db.with({ signal: AbortSignal.timeout(100) }).query`select 1`.catch((error) => console.log(error.name));",
  );
  await rows.return?.();
  expect(said).toBe("TimeoutError");
});

it("a file that is no database, or absent where it may only be read, is a clear error", async () => {
  project.write("broken.db", "this is a text, and long enough to be looked at as a database file ".repeat(100));
  url = `duckdb:${project.path("broken.db")}`;
  await expect(db.query`select 1`).rejects.toMatchObject({ code: "CONNECTION_FAILED" });
  url = `duckdb:${project.path("absent.db")}?access_mode=read_only`;
  await expect(db.query`select 1`).rejects.toMatchObject({
    code: "CONNECTION_FAILED",
    message: expect.stringContaining('Connection "db"'),
  });
});
