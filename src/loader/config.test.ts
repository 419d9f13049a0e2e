import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { loadConfig, resolveConfig, type ConfigSources } from "./config.ts";
import { CONFIG_FIELDS } from "./config-fields.ts";
import { maskUrl } from "./mask-url.ts";
import { tempProject } from "./temp-project.test-data.ts";

const resolved = (sources: Partial<ConfigSources>) =>
  resolveConfig({ root: "/project", configFile: null, written: {}, env: {}, cwd: "/cwd", flags: {}, ...sources });

const env = { PATH: process.env["PATH"] };

test("without a file everything has its default", () => {
  expect(resolved({})).toMatchObject({
    root: "/project",
    configFile: null,
    stateDir: "/project/.tutti",
    store: { kind: "sqlite", path: "/project/.tutti/tutti.db" },
    pipelinesDir: "/project/pipelines",
    artifactsDir: "/project/.tutti/artifacts",
    logsDir: "/project/.tutti/logs",
    connections: {},
    tasksPerChild: 16,
    childVersions: 20,
    loadTimeoutMs: 10_000,
    graceMs: 10_000,
    maxValueBytes: 67_108_864,
    external: [],
    exact: [],
    retention: { runs: 90 * 86_400_000 },
  });
});

test("a flag wins over a variable, a variable over the file, the file over the default", () => {
  const written = { children: 2 };
  expect(resolved({ written }).children).toBe(2);
  expect(resolved({ written, env: { TUTTI_CHILDREN: "3" } }).children).toBe(3);
  expect(resolved({ written, env: { TUTTI_CHILDREN: "3" }, flags: { children: "4" } }).children).toBe(4);
  expect(resolved({ written, env: { TUTTI_CHILDREN: "" } }).children).toBe(2);
});

test("paths are relative to the file that says them, those of flags and variables to the working directory", () => {
  const { pipelinesDir, store, stateDir, artifactsDir, logsDir } = resolved({
    written: { pipelines: "flows", state: "../state" },
    env: { TUTTI_STORE: "x.db", TUTTI_LOGS: "shared/logs" },
  });
  expect({ pipelinesDir, store, stateDir, artifactsDir, logsDir }).toEqual({
    pipelinesDir: "/project/flows",
    store: { kind: "sqlite", path: "/cwd/x.db" },
    stateDir: "/state",
    artifactsDir: "/state/artifacts",
    logsDir: "/cwd/shared/logs",
  });
});

test("every field has a variable", () => {
  const values = {
    TUTTI_LOAD_TIMEOUT: "1500",
    TUTTI_GRACE: "2m",
    TUTTI_EXTERNAL: "sharp, @ours/*",
    TUTTI_NODE_OPTIONS: "--max-old-space-size=512",
    TUTTI_RETENTION: "runs=7d,logs=forever",
    TUTTI_LOG_LIMIT_BYTES: "2048",
  };
  expect(resolved({ env: values })).toMatchObject({
    loadTimeoutMs: 1500,
    graceMs: 120_000,
    external: ["sharp", "@ours/*"],
    nodeOptions: ["--max-old-space-size=512"],
    retention: { runs: 7 * 86_400_000, logs: null },
    logLimitBytes: 2048,
  });
  for (const [name, { variable }] of Object.entries(CONFIG_FIELDS))
    expect(variable).toBe(`TUTTI_${name.replace(/[A-Z]/g, "_$&").toUpperCase()}`);
});

test("a variable gives the connection of its name, however that is spelled in the file", () => {
  const written = { connections: { Orders: "duckdb:a.db", other: "duckdb:b.db" } };
  expect({
    ...resolved({ written, env: { TUTTI_CONNECTION_ORDERS: "duckdb:c.db", TUTTI_CONNECTION_NEW_ONE: "duckdb:d.db" } })
      .connections,
  }).toEqual({ Orders: "duckdb:c.db", other: "duckdb:b.db", new_one: "duckdb:d.db" });
});

test("all problems are told at once, with the values and what they must be", () => {
  const written = {
    children: 0,
    loadTimeout: "soon",
    storre: "x",
    external: "sharp",
    retention: { runs: "90 days", run: "1d" },
    connections: { a: 3 },
  };
  let message = "";
  try {
    resolved({ written, configFile: "/project/tutti.config.ts", env: { TUTTI_TASKS_PER_CHILD: "many" } });
  } catch (error) {
    expect(error).toMatchObject({ code: "BAD_CONFIG" });
    message = (error as Error).message;
  }
  expect(message.split("\n").slice(1).sort()).toEqual([
    `- "children" (from tutti.config.ts) must be a whole number from 1 to 512, not 0.`,
    `- "connections.a" must be a text that is not empty.`,
    `- "external" (from tutti.config.ts) must be a list of texts, not 'sharp'.`,
    `- "loadTimeout" (from tutti.config.ts) must be a length of time, such as "10s", "1h 30m" or "90d", not 'soon'.`,
    `- "retention.run" is not known. Did you mean "runs"?`,
    `- "retention.runs" must be a length of time, such as "10s", "1h 30m" or "90d", not '90 days'.`,
    `- "storre" (from tutti.config.ts) is not a field of the configuration. Did you mean "store"?`,
    `- "tasksPerChild" (from TUTTI_TASKS_PER_CHILD) must be a whole number from 1 to 10,000, not 'many'.`,
  ]);
});

test("the store is a file or a PostgreSQL database; wake-ups may have an address of their own", () => {
  const url = "postgres://tutti:pw@db:5432/tutti";
  expect(resolved({ written: { store: url } }).store).toEqual({ kind: "postgres", url, directUrl: url });
  const directUrl = "postgresql://tutti:pw@direct/tutti";
  expect(resolved({ env: { TUTTI_STORE: url, TUTTI_STORE_DIRECT: directUrl } }).store).toEqual({
    kind: "postgres",
    url,
    directUrl,
  });
  // A flag goes over a variable.
  expect(resolved({ env: { TUTTI_STORE: url }, flags: { store: "x.db" } }).store).toMatchObject({ path: "/cwd/x.db" });
});

test.each([
  ["mysql://me:hunter2@db/x", /address of a PostgreSQL database/],
  ["postgres://me:hunter2@[db/x?token=hunter2", /special characters/],
  [12, /text that is not empty/],
])("a store that is neither is refused, and its password not shown: %s", (store, message) => {
  const refused = () => resolved({ written: { store } });
  expect(refused).toThrow(expect.objectContaining({ code: "BAD_CONFIG", message: expect.stringMatching(message) }));
  expect(refused).not.toThrow(/hunter2/);
});

test("printing a configuration shows no password", () => {
  const config = resolved({
    written: {
      store: "postgres://me:hunter2@db/x",
      connections: { a: "postgres://me:hunter2@db/x?sslkey=hunter2", b: "hunter2" },
    },
  });
  expect(config.connections["a"]).toContain("hunter2");
  for (const text of [JSON.stringify(config), inspect(config), inspect({ config }, { depth: 9 })])
    expect(text).not.toContain("hunter2");
  expect(maskUrl("postgres://me:p%40ss@db:5432/x")).toBe("postgres://me:***@db:5432/x");
  expect(maskUrl("duckdb:./orders.db")).toBe("duckdb:./orders.db");
});

test("the file is found upwards, also past a package.json, up to the top of the repository", async () => {
  const { root } = tempProject({
    "tutti.config.ts": `export default { pipelines: "flows", children: 3 };`,
    "packages/etl/package.json": "{}",
    "packages/etl/src/a.ts": "",
  });
  mkdirSync(join(root, ".git"));
  expect(await loadConfig({ cwd: join(root, "packages/etl/src"), env })).toMatchObject({
    root,
    configFile: join(root, "tutti.config.ts"),
    pipelinesDir: join(root, "flows"),
    children: 3,
  });
});

test.each([0, -1, 1.5, 1_000_001, "many"])("a pool of %j slots is refused by name", (slots) => {
  const given = () => resolved({ written: { pools: { database: slots } } });
  expect(given).toThrow(/"pools".*must give pool "database" a whole number of slots from 1 to 1,000,000/);
});

test("without a file the root is the nearest folder with pipelines, a state or a package.json", async () => {
  const { root } = tempProject({ "a/pipelines/x/y.ts": "" });
  expect((await loadConfig({ cwd: join(root, "a/pipelines/x"), env })).root).toBe(join(root, "a"));
});

test.each([
  ["export default 3;", "BAD_CONFIG", /a number \(3\)/],
  ["export const config = {};", "BAD_CONFIG", /no default export/],
  ["export default { children: () => 3 };", "BAD_CONFIG", /the function "children"/],
  ["export default { children: ;", "FILE_SYNTAX_ERROR", /line 1/],
  ["const a = 1;\nthrow new Error('no');", "FILE_THREW", /line 2.*no/],
  ["process.exit(2);", "FILE_EXITED", /exit code 2/],
])("a configuration file that says %j is refused", async (text, code, message) => {
  const { root } = tempProject({ "tutti.config.ts": text });
  await expect(loadConfig({ cwd: root, env })).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
});

test("a configuration file may read the environment and its neighbours", async () => {
  const text = `import urls from "./urls.json" with { type: "json" };\nexport default { connections: { ...urls, b: process.env.DB_URL! } };`;
  const { root } = tempProject({ "tutti.config.ts": text, "urls.json": `{ "a": "duckdb:a.db" }` });
  expect({ ...(await loadConfig({ cwd: root, env: { ...env, DB_URL: "duckdb:b.db" } })).connections }).toEqual({
    a: "duckdb:a.db",
    b: "duckdb:b.db",
  });
});
