import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { RUN_STATES } from "../../core/run-state.ts";
import { TASK_RUN_STATES } from "../../core/task-run-state.ts";
import {
  finished,
  queued,
  running,
  sampleGroup,
  sampleRun,
  sampleRunId,
  sampleVersion,
} from "../../testing/store-samples.ts";
import { openSqliteInbox, openSqliteReader, openSqliteStore } from "./open-sqlite-store.ts";
import { SqliteConnection } from "./sqlite-connection.ts";
import { SqliteStore } from "./sqlite-store.ts";

const MODULE = new URL("./open-sqlite-store.ts", import.meta.url).href;
const RUN = sampleRunId(1);

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tutti-open-"));
  path = join(folder, "tutti.db");
});
afterEach(() => {
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true, force: true });
});

const pragma = (name: string): unknown => {
  const db = new DatabaseSync(path, { readOnly: true });
  const row = db.prepare(`pragma ${name}`).get() as Record<string, unknown>;
  db.close();
  return Object.values(row)[0];
};

async function makeStore(runs = 1): Promise<void> {
  const store = await openSqliteStore({ path });
  const version = await store.registerVersion(sampleVersion("sales", ["a", "b"]));
  await store.commit(
    Array.from({ length: runs }, (_, run) =>
      sampleGroup(sampleRunId(run), 0, {
        create: sampleRun(sampleRunId(run), version.id),
        inserts: [running(version.taskIds[0]!)],
      }),
    ),
  );
  await store.close();
}

const change = (statement: string): void => {
  const db = new DatabaseSync(path);
  db.exec(statement);
  db.close();
};

/** Runs a module's text in a process of its own, as another user where `uid` says so. */
function start(script: string) {
  const child = spawn(process.execPath, ["--no-warnings", "--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let out = "";
  child.stdout.on("data", (data: Buffer) => (out += data.toString()));
  return { child, ended: once(child, "close").then(() => out.trim()) };
}

test("a file is made with what cannot be set later", async () => {
  await makeStore();

  expect([pragma("journal_mode"), pragma("auto_vacuum")]).toEqual(["wal", 2]);
});

test("the schema is the committed one", async () => {
  await makeStore();
  const db = new DatabaseSync(path, { readOnly: true });
  const rows = db
    .prepare("select sql from sqlite_master where sql is not null and name not like 'sqlite_%' order by name")
    .all() as { sql: string }[];
  db.close();

  await expect(rows.map((row) => `${row.sql};\n`).join("\n")).toMatchFileSnapshot("./schema.sql");
});

test("the states that the tables take are those of the state tables", () => {
  const schema = readFileSync(new URL("./migrations/0001_init.sql", import.meta.url), "utf8");
  const statesOf = (table: string): string[] => {
    const text = schema.slice(schema.indexOf(`create table ${table} (`));
    return [...text.slice(0, text.indexOf(") strict")).matchAll(/state = '(\w+)'/g)].map((match) => match[1]!);
  };

  expect(statesOf("run")).toEqual([...RUN_STATES]);
  expect(statesOf("task_run").toSorted()).toEqual([...TASK_RUN_STATES].toSorted());
});

test("no statement but those over the few versions scans a table, and lists of runs come in order from an index", async () => {
  const { statements } = await plans();
  const named = (pattern: RegExp) => statements.filter(({ plan }) => pattern.test(plan)).map(({ name }) => name);

  // A list that is given is no table.
  expect(named(/\bSCAN (?!(pruned_run|json_each)\b)/)).toEqual(["deleteUnusedVersions"]);
  // The attempts of one run stand with its task runs, not in the order in which they were recorded; unfinished runs are few.
  expect(named(/TEMP B-TREE/)).toEqual(["listUnfinishedRuns", "countTaskStates", "listAttempts", "listVersions"]);
});

async function plans() {
  await makeStore();
  const db = new DatabaseSync(path, { readOnly: true });
  const texts = ["run", "run-summary", "task-run", "attempt", "drawer", "version", "pruned-run"].flatMap((file) => {
    const source = readFileSync(new URL(`./${file}.sql.ts`, import.meta.url), "utf8");
    return [...source.matchAll(/sql\("(\w+)"\)`([^`]+)`/g)].map((match) => ({
      name: match[1]!,
      text: match[2]!.replace(/\$\{[^}]+\}/g, "?"),
    }));
  });
  const statements = texts.map(({ name, text }) => ({
    name,
    plan: (db.prepare(`explain query plan ${text}`).all() as { detail: string }[]).map((row) => row.detail).join("; "),
  }));
  db.close();
  return { statements };
}

test("a store that is not there is said to be not there, and not made", async () => {
  await expect(openSqliteReader({ path })).rejects.toMatchObject({ code: "STORE_NOT_FOUND" });
  await expect(openSqliteInbox({ path })).rejects.toMatchObject({ code: "STORE_NOT_FOUND" });
  expect(() => statSync(path)).toThrow();
});

test("a file that is no database, or another program's, is refused and left as it is", async () => {
  writeFileSync(path, "id,name\n".repeat(1_000));
  await expect(openSqliteStore({ path })).rejects.toMatchObject({ code: "STORE_DAMAGED" });
  await expect(openSqliteReader({ path })).rejects.toMatchObject({ code: "STORE_DAMAGED" });
  expect(readFileSync(path, "utf8")).toBe("id,name\n".repeat(1_000));

  rmSync(path);
  change("create table theirs (x)");
  await expect(openSqliteStore({ path })).rejects.toMatchObject({ code: "STORE_FOREIGN" });
});

test("a damaged file is named, with what to do", async () => {
  await makeStore(200);
  truncateSync(path, statSync(path).size - 3 * 4096);

  await expect(openSqliteStore({ path })).rejects.toMatchObject({
    code: "STORE_DAMAGED",
    message: expect.stringMatching(/tutti\.db" is damaged .*Put back a copy/),
  });
});

test("a file whose pages were overwritten is named", async () => {
  await makeStore(200);
  const bytes = readFileSync(path);
  bytes.fill(0xa5, 4096 * 4, 4096 * 9);
  writeFileSync(path, bytes);

  await expect(openSqliteStore({ path })).rejects.toMatchObject({ code: "STORE_DAMAGED" });
});

test("a store of a newer release is refused only when that release says so", async () => {
  await makeStore();
  change("insert into migration values (9998, 'later', '0.0.1', 1)");
  await (await openSqliteStore({ path })).close();

  change("insert into migration values (9999, 'much_later', '99.0.0', 1)");
  for (const open of [openSqliteStore, openSqliteReader, openSqliteInbox]) {
    await expect(open({ path })).rejects.toMatchObject({
      code: "STORE_TOO_NEW",
      message: expect.stringContaining("needs tutti 99.0.0 or later"),
    });
  }
});

test("a full disk rolls the batch back, and the store goes on when there is space", async () => {
  await makeStore();
  const connection = new SqliteConnection(path, { readOnly: false });
  const store = new SqliteStore(connection, 1);
  const big = finished(1, 1, { output: { kind: "inline", text: "x".repeat(200_000) } });
  const before = (await store.loadRun(sampleRunId(0)))!;
  const { run, taskRuns } = before;
  connection.exec(`pragma max_page_count = ${statSync(path).size / 4096 + 3}`);

  const group = sampleGroup(run.id, run.revision, {
    changes: [big],
    inserts: [queued(taskRuns[0]!.taskId, { mapIndex: 0 })],
  });
  await expect(store.commit([group])).rejects.toMatchObject({ code: "STORE_FULL" });
  expect(await store.loadRun(run.id)).toEqual(before);

  connection.exec("pragma max_page_count = 1000000");
  expect(await store.commit([group])).toMatchObject([{ applied: true }]);
  await store.close();
});

test("a folder that cannot be written is said to be so", async () => {
  const locked = join(folder, "locked");
  mkdirSync(locked);
  await makeStore();
  chmodSync(folder, 0o755);
  chmodSync(locked, 0o555);
  // Root may write everywhere, so the process becomes somebody else: after its code is loaded, which may lie where only root may read.
  const isRoot = process.getuid?.() === 0;
  const script = (at: string) => `
    const { openSqliteStore } = await import(${JSON.stringify(MODULE)});
    ${isRoot ? "process.setuid(65_534);" : ""}
    await openSqliteStore({ path: ${JSON.stringify(at)} }).then(() => console.log("opened"), (error) => console.log(error.code));`;

  expect(await start(script(join(locked, "tutti.db"))).ended).toMatch(/^STORE_(READ_ONLY|CANNOT_OPEN)$/);
  expect(await start(script(join(locked, "deeper", "tutti.db"))).ended).toBe("STORE_READ_ONLY");
  chmodSync(path, 0o444);
  if (isRoot) expect(await start(script(path)).ended).toBe("STORE_READ_ONLY");
});

test("eight processes that start at once on a new file all find one store", async () => {
  const script = `
    const { openSqliteStore } = await import(${JSON.stringify(MODULE)});
    const store = await openSqliteStore({ path: ${JSON.stringify(path)} });
    await store.close();
    console.log("ok");`;

  expect(await Promise.all(Array.from({ length: 8 }, () => start(script).ended))).toEqual(Array(8).fill("ok"));
  expect([pragma("journal_mode"), pragma("auto_vacuum"), pragma("integrity_check")]).toEqual(["wal", 2, "ok"]);
}, 30_000);

test("what an owner committed before kill -9 is read, and its run goes on with a new owner", async () => {
  const script = `
    const { openSqliteStore } = await import(${JSON.stringify(MODULE)});
    const samples = await import(${JSON.stringify(new URL("../../testing/store-samples.ts", import.meta.url).href)});
    const store = await openSqliteStore({ path: ${JSON.stringify(path)} });
    const version = await store.registerVersion(samples.sampleVersion("sales", ["a"]));
    await store.commit([samples.sampleGroup("${RUN}", 0, { create: samples.sampleRun("${RUN}", version.id), inserts: [samples.running(version.taskIds[0])] })]);
    console.log("committed");
    setInterval(() => store, 1_000_000);`;
  const { child, ended } = start(script);
  await once(child.stdout, "data");

  const beside = await openSqliteReader({ path });
  expect(await beside.findRun("01k2")).toBe(RUN);
  child.kill("SIGKILL");
  await ended;

  expect((await beside.runDetail(RUN))!.taskRuns).toMatchObject([{ task: "a", state: "running" }]);
  await beside.close();
  const after = await openSqliteReader({ path });
  expect(await after.listRuns({ limit: 5 })).toMatchObject([{ id: RUN, counts: { running: 1 } }]);
  await after.close();

  const store = await openSqliteStore({ path });
  expect(await store.commit([sampleGroup(RUN, 1, { changes: [finished(1, 1)] })])).toMatchObject([{ applied: true }]);
  await store.close();
});

test("an older owner writes nothing once a newer one has taken the file", async () => {
  await makeStore();
  const older = await openSqliteStore({ path });
  const newer = await openSqliteStore({ path });
  const finish = sampleGroup(sampleRunId(0), 1, { changes: [finished(1, 1)] });

  await expect(older.commit([finish])).rejects.toMatchObject({ code: "STORE_LOCKED" });
  expect(await newer.commit([finish])).toMatchObject([{ applied: true }]);
  await older.close();
  await newer.close();
});

test("a reader sees one moment and never keeps the owner from writing", async () => {
  await makeStore();
  const store = await openSqliteStore({ path });
  const reader = await openSqliteReader({ path });

  const seen = await reader.runDetail(sampleRunId(0));
  await store.commit([sampleGroup(sampleRunId(0), 1, { changes: [finished(1, 1)] })]);

  expect(seen).toMatchObject({ run: { revision: 1 }, counts: { running: 1 } });
  expect(await reader.runDetail(sampleRunId(0))).toMatchObject({ run: { revision: 2 }, counts: { succeeded: 1 } });
  await reader.close();
  await store.close();
});

test("a store in memory is one of its own and can be read", async () => {
  const [one, two] = [await openSqliteStore({ path: ":memory:" }), await openSqliteStore({ path: ":memory:" })];
  await one.registerVersion(sampleVersion("sales", ["a"]));

  expect(await one.reader().listWorkflows()).toMatchObject([{ name: "sales" }]);
  expect(await two.reader().listWorkflows()).toEqual([]);
  await one.close();
  await two.close();
});
