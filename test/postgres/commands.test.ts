import { hostname } from "node:os";
import { chmodSync, rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { migrationName } from "../../src/store/migrate.ts";
import { postgresMigrations } from "../../src/store/postgres/migrator.ts";
import { openPostgresStore } from "../../src/store/postgres/open-postgres-store.ts";
import type { NewProcess } from "../../src/store/process-list.ts";
import { RELEASE } from "../../src/store/release.ts";
import { PostgresProxy } from "../support/postgres-proxy.ts";
import { type PostgresProject, postgresProject } from "../support/postgres-project.ts";
import { PostgresServer } from "../support/postgres-server.ts";

const IMPORT = `import { dag, task } from "tutti";\n`;
const workflow = (name: string, tasks = 1): string =>
  `${IMPORT}const tasks = ["a", "b", "c"].slice(0, ${tasks}).map((name) => task(name, () => name));
export default dag("${name}", {}, () => { for (const each of tasks) each(); });`;
const MIGRATIONS = postgresMigrations().map(migrationName);

let server: PostgresServer;
beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(() => server.stop());

const json = <T>(text: string): T => JSON.parse(text) as T;

/** A process that works there, as it would tell about itself. */
async function present({ url }: PostgresProject, more: Partial<NewProcess> = {}, leaseMs = 600_000): Promise<void> {
  const store = await openPostgresStore({ url });
  onTestFinished(() => store.close());
  await store.processes.keep(
    {
      name: "w1",
      instance: "i1",
      roles: ["scheduler", "worker"],
      queues: ["default"],
      slots: 4,
      labels: { zone: "a" },
      host: "machine-7",
      pid: 7,
      release: RELEASE,
      node: process.versions.node,
      timeZones: process.versions.tz!,
      clockAheadMs: 1,
      ...more,
    },
    leaseMs,
  );
}

interface Examined {
  readonly ok: boolean;
  readonly findings: readonly { check: string; state: string; code: string | null; text: string }[];
}

/** What `tutti doctor` finds wrong, by code. */
async function examined(project: PostgresProject, env: Record<string, string> = {}) {
  const { code, stdout } = await project.tutti(["doctor", "--json"], env);
  const { ok, findings } = json<Examined>(stdout);
  expect(code).toBe(ok ? 0 : 1);
  return { ok, wrong: findings.filter((finding) => finding.state !== "ok"), findings };
}

describe("migrate", () => {
  test("brings an empty database up to date, once, under a lock; without it every command says so", async () => {
    const project = await postgresProject(server, { "pipelines/w.ts": workflow("w") }, { migrated: false });
    for (const args of [["runs"], ["run", "w"], ["deploy"], ["workers"]]) {
      const { code, stdout, stderr } = await project.tutti(args);
      expect(stderr, args.join(" ")).toMatch(/^error: Store ".*" .* Run `tutti migrate` once.* \[STORE_TOO_OLD\]\n$/);
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    }
    expect(json(await project.tutti(["migrate", "--dry-run", "--json"]).then(({ stdout }) => stdout))).toMatchObject({
      dryRun: true,
      steps: MIGRATIONS,
    });
    const steps = await Promise.all(
      [1, 2, 3].map(async () => json<{ steps: string[] }>((await project.tutti(["migrate", "--json"])).stdout).steps),
    );
    expect(steps.flat()).toEqual(MIGRATIONS);
    expect((await project.tutti(["migrate"])).stdout).toMatch(/^Store ".*" is up to date\.\n$/);
    expect(await project.tutti(["runs"])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^No runs/) });
  }, 60_000);

  test("a SQLite store is brought up to date, too", async () => {
    const project = await postgresProject(server, {}, { migrated: false });
    const env = { TUTTI_STORE: undefined };
    expect((await project.tutti(["migrate"], env)).stdout).toMatch(
      /0002_processes\n.*is up to date now: \d+ steps\.\n$/s,
    );
    expect((await project.tutti(["migrate", "--dry-run"], env)).stdout).toMatch(/is up to date\.\n$/);
  });
});

describe("deploy", () => {
  test("registers all workflows and retires what is gone; list and show know what is deployed", async () => {
    const project = await postgresProject(server, {
      "pipelines/one.ts": workflow("one"),
      "pipelines/two.ts": workflow("two"),
    });
    const deployed = async (...args: string[]) => {
      const { code, stdout } = await project.tutti(["deploy", "--json", ...args]);
      expect(code).toBe(0);
      const { workflows, retired } = json<{ workflows: { name: string; change: string }[]; retired: string[] }>(stdout);
      return [Object.fromEntries(workflows.map(({ name, change }) => [name, change])), retired];
    };
    expect(await deployed("--dry-run")).toEqual([{ one: "new", two: "new" }, []]);
    expect(await deployed()).toEqual([{ one: "new", two: "new" }, []]);
    project.write("pipelines/two.ts", workflow("three"));
    project.write("pipelines/one.ts", workflow("one", 2));
    expect(await deployed("--dry-run")).toEqual([{ one: "changed", three: "new" }, ["two"]]);
    expect(await deployed()).toEqual([{ one: "changed", three: "new" }, ["two"]]);
    project.write("pipelines/one.ts", workflow("one", 3));
    project.write("pipelines/gone.ts", workflow("two"));
    const listed = await project.tutti(["list"]);
    expect(listed.stdout).toMatch(/one +3 .* another version .*\nthree +1 .* yes .*\ntwo +1 .* retired /);
    // Where there is no pipeline file, the store knows.
    const elsewhere = { TUTTI_PIPELINES: "nowhere" };
    expect((await project.tutti(["list"], elsewhere)).stdout).toMatch(/one +never +yes .*\nthree +never +yes /);
    expect((await project.tutti(["show", "one"], elsewhere)).stdout).toMatch(/^one\npipelines\/one\.ts · .* 2 tasks/);
    expect(await project.tutti(["show", "four"], elsewhere)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/\[WORKFLOW_NOT_FOUND\]/),
    });
    project.write("pipelines/one.ts", workflow("one", 2));
    rmSync(project.path("pipelines/gone.ts"));
    const text = await project.tutti(["deploy"]);
    expect(text.stdout).toMatch(/one +unchanged +pipelines\/one\.ts\n.*2 workflows, nothing changed\.\n$/s);
  }, 60_000);

  test("with a file that does not load nothing is deployed", async () => {
    const project = await postgresProject(server, {
      "pipelines/fine.ts": workflow("fine"),
      "pipelines/broken.ts": `${IMPORT}const a = ;`,
    });
    const { code, stdout, stderr } = await project.tutti(["deploy"]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: "Nothing was deployed: 1 problem.\n" });
    expect(stdout).toMatch(/pipelines\/broken\.ts:2:11 .*\[FILE_SYNTAX_ERROR\]/);
    expect(await server.execute(project.database, "select 1 from tutti.workflow")).toEqual([]);
  });

  test("a folder without workflows retires nothing", async () => {
    const project = await postgresProject(server, { "pipelines/w.ts": workflow("w") });
    await project.tutti(["deploy"]);
    const { code, stderr } = await project.tutti(["deploy"], { TUTTI_PIPELINES: "elsewhere" });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/no folder "elsewhere".*\[NOTHING_TO_DEPLOY\]/),
    });
  });
});

describe("workers", () => {
  test("lists who is there, what they take, and who died", async () => {
    const project = await postgresProject(server);
    expect((await project.tutti(["workers"])).stdout).toMatch(/^No process works on this store\. .*tutti start\n$/);
    await present(project, { name: "a-dead" }, 0);
    await present(project);
    const { stdout } = await project.tutti(["workers"]);
    expect(stdout).toMatch(/w1 +alive +scheduler, worker +default +4 +zone=a +0\.1\.0 +machine-7 7 .*\na-dead +dead /);
    expect(json<object[]>((await project.tutti(["workers", "--json"])).stdout)).toMatchObject([
      { name: "w1", alive: true, queues: ["default"], slots: 4, labels: { zone: "a" } },
      { name: "a-dead", alive: false },
    ]);
  });
});

describe("doctor", () => {
  test("finds everything in order where it is, and says what nobody does", async () => {
    const project = await postgresProject(server);
    expect(await examined(project)).toMatchObject({ ok: true, wrong: [{ check: "processes", code: "NOBODY_WORKS" }] });
    await present(project, { name: "there", host: hostname() });
    // It sees the same folders.
    project.write(".tutti/artifacts/.tutti-processes/there", "");
    project.write(".tutti/logs/.tutti-processes/there", "");
    const { ok, wrong, findings } = await examined(project);
    expect({ ok, wrong }).toEqual({ ok: true, wrong: [] });
    expect([...new Set(findings.map(({ check }) => check))]).toEqual([
      "store",
      "rights",
      "schema",
      "clock",
      "wake-ups",
      "processes",
      "releases",
      "time zones",
      "clocks",
      "folders",
    ]);
    expect((await project.tutti(["doctor"])).stdout).toMatch(/\nEverything is in order\.\n$/);
  });

  test("names processes of another release, with other time-zone data, with a clock that is off, with other folders", async () => {
    const project = await postgresProject(server);
    await present(project, { name: "old", release: "0.0.9", timeZones: "2019c", clockAheadMs: 600_000 });
    const { ok, wrong } = await examined(project);
    expect(ok).toBe(false);
    expect(wrong).toMatchObject([
      { state: "warning", code: "RELEASES_DIFFER", text: expect.stringContaining(`"old" (0.0.9)`) },
      { state: "warning", code: "TIME_ZONES_DIFFER", text: expect.stringContaining(`"old" (2019c)`) },
      { state: "problem", code: "CLOCK_OFF", text: expect.stringMatching(/process "old" is 10 min ahead/) },
      { state: "problem", code: "FOLDER_NOT_SHARED", text: expect.stringMatching(/artifacts".*"old" on machine-7/) },
      { state: "problem", code: "FOLDER_NOT_SHARED", text: expect.stringMatching(/logs".*"old" on machine-7/) },
    ]);
  });

  test("names queues that nobody serves, and those that nobody names", async () => {
    const project = await postgresProject(server, { "pipelines/w.ts": workflow("w", 2) });
    await project.tutti(["deploy"]);
    await server.execute(
      project.database,
      `update tutti.version set manifest = replace(manifest, '"name":"a"', '"queue":"gpu","name":"a"')`,
    );
    await present(project, { queues: ["gpuu", "default"] });
    expect((await examined(project)).wrong.filter(({ check }) => check === "processes")).toMatchObject([
      { state: "warning", code: "UNKNOWN_QUEUE", text: expect.stringMatching(/"gpuu"\. Did you mean "gpu"\?/) },
      { state: "warning", code: "NOBODY_WORKS", text: expect.stringMatching(/"gpu".*tutti worker --queue gpu$/) },
    ]);
    const worker = project.start(["worker", "--queue", "gpuu"]);
    await worker.saw(/No deployed task names the queue "gpuu"\. Did you mean "gpu"\? .*\[UNKNOWN_QUEUE\]/, "stderr");
  });

  test("a clock ten minutes off is a problem", async () => {
    const project = await postgresProject(server);
    const { ok, wrong } = await examined(project, { NODE_OPTIONS: TEN_MINUTES_BEHIND });
    expect(ok).toBe(false);
    expect(wrong[0]).toMatchObject({
      check: "clock",
      code: "CLOCK_OFF",
      text: expect.stringMatching(/is 10 min behind/),
    });
  });

  test("a pooler that drops LISTEN is named, and an address past it mends that", async () => {
    const project = await postgresProject(server);
    const proxy = await PostgresProxy.start(server.port);
    onTestFinished(() => proxy.close());
    proxy.deaf = true;
    const pooled = { TUTTI_STORE: server.url(project.database, { port: proxy.port }) };
    const { ok, wrong } = await examined(project, pooled);
    expect(ok).toBe(true);
    expect(wrong).toContainEqual(
      expect.objectContaining({ check: "wake-ups", state: "warning", code: "WAKE_UPS_POLLED" }),
    );
    const mended = await examined(project, { ...pooled, TUTTI_STORE_DIRECT: project.url });
    expect(mended.wrong.map(({ check }) => check)).toEqual(["processes"]);
    // Two stores under one name.
    const other = await postgresProject(server);
    expect((await examined(project, { TUTTI_STORE_DIRECT: other.url })).wrong).toContainEqual(
      expect.objectContaining({ check: "wake-ups", state: "problem", code: "STORE_REPLACED" }),
    );
  }, 60_000);

  test("missing rights are named with what grants them", async () => {
    const project = await postgresProject(server);
    await server.execute(project.database, "create role reader login password 'reader'");
    onTestFinished(async () => void (await server.execute("postgres", "drop role reader")));
    onTestFinished(async () => void (await server.execute(project.database, "drop owned by reader")));
    const env = { TUTTI_STORE: server.url(project.database, { user: "reader", password: "reader" }) };
    const first = await examined(project, env);
    expect(first.wrong).toContainEqual(
      expect.objectContaining({
        check: "rights",
        code: "RIGHTS_MISSING",
        text: expect.stringContaining("grant usage on schema tutti"),
      }),
    );
    await server.execute(
      project.database,
      "grant usage on schema tutti to reader; grant select on all tables in schema tutti to reader",
    );
    expect((await examined(project, env)).wrong).toContainEqual(
      expect.objectContaining({
        code: "RIGHTS_MISSING",
        text: expect.stringMatching(/insert, update, delete on tutti\./),
      }),
    );
    const { code, stderr } = await project.tutti(["migrate"], {
      ...env,
      TUTTI_STORE: env.TUTTI_STORE.replace(/db\d+$/, "postgres"),
    });
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/refuses this user.*\[STORE_DENIED\]/) });
    // What it grants is enough.
    await server.execute(
      project.database,
      "grant select, insert, update, delete on all tables in schema tutti to reader; grant usage on all sequences in schema tutti to reader",
    );
    project.write("pipelines/w.ts", workflow("w"));
    expect(await project.tutti(["deploy"], env)).toMatchObject({ code: 0 });
  }, 60_000);

  test("wrong credentials, a database that is not there, one of a newer release, a folder that everybody may write", async () => {
    const project = await postgresProject(server);
    project.write(".tutti/x", "");
    chmodSync(project.path(".tutti"), 0o777);
    expect((await examined(project)).wrong).toContainEqual(expect.objectContaining({ code: "FOLDER_OPEN" }));
    const wrong = server.url(project.database, { password: "hunter2-secret" });
    const denied = await examined(project, { TUTTI_STORE: wrong });
    expect(denied.wrong[0]).toMatchObject({ check: "store", code: "STORE_DENIED" });
    expect(JSON.stringify(denied)).not.toContain("hunter2");
    expect((await examined(project, { TUTTI_STORE: server.url("nowhere") })).wrong[0]).toMatchObject({
      code: "STORE_NOT_FOUND",
    });
    await server.execute(project.database, "insert into tutti.migration values (9999, 'later', '99.0.0', now())");
    expect((await examined(project)).wrong).toContainEqual(
      expect.objectContaining({ check: "schema", code: "STORE_TOO_NEW" }),
    );
  }, 60_000);

  test("on SQLite it looks at the file and its owner", async () => {
    const project = await postgresProject(server, { "pipelines/w.ts": workflow("w") });
    const env = { TUTTI_STORE: undefined };
    const checks = async () =>
      json<Examined>((await project.tutti(["doctor", "--json"], env)).stdout).findings.map(({ check, code }) => [
        check,
        code,
      ]);
    expect(await checks()).toEqual([
      ["store", null],
      ["folders", null],
    ]);
    await project.tutti(["run", "w"], env);
    expect(await checks()).toEqual([
      ["store", null],
      ["schema", null],
      ["processes", null],
      ["folders", null],
    ]);
    project.write(".tutti/tutti.db", "this was a database".repeat(300));
    expect(await checks()).toContainEqual(["store", "STORE_DAMAGED"]);
  });
});

describe("what is refused", () => {
  test("wrong credentials are one line without a password, in every command", async () => {
    const project = await postgresProject(server, { "pipelines/w.ts": workflow("w") });
    const env = { TUTTI_STORE: server.url(project.database, { password: "hunter2-secret" }) };
    for (const args of [["runs"], ["run", "w"], ["deploy"], ["workers"], ["migrate"], ["cancel", "01kb"], ["prune"]]) {
      const { code, stdout, stderr } = await project.tutti(args, env);
      expect(stderr, args.join(" ")).toMatch(
        /^error: Store "postgres:\/\/postgres@127[^"]*" refuses this user .*\[STORE_DENIED\]\n$/,
      );
      expect(stderr).not.toContain("hunter2");
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    }
  }, 60_000);

  test("without the driver it is said what to install", async () => {
    const project = await postgresProject(server);
    const { code, stderr } = await project.tutti(["runs"], { NODE_OPTIONS: WITHOUT_PG });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/npm install pg \[DRIVER_MISSING\]\n$/),
    });
  });
});

const imported = (code: string): string => `--import=data:text/javascript,${encodeURIComponent(code)}`;

const TEN_MINUTES_BEHIND = imported(
  `Object.defineProperty(performance, "timeOrigin", { value: performance.timeOrigin - 600000 });`,
);

const WITHOUT_PG = imported(
  `import { registerHooks } from "node:module";
   registerHooks({ resolve(specifier, context, next) {
     if (specifier !== "pg") return next(specifier, context);
     throw Object.assign(new Error("Cannot find package 'pg'"), { code: "ERR_MODULE_NOT_FOUND" });
   } });`,
);
