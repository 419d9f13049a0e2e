import { DatabaseSync } from "node:sqlite";
import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { tempProject } from "../support/temp-project.ts";
import { tutti } from "../support/tutti-process.ts";

const IMPORT = `import { chain, dag, task } from "tutti";\n`;

/** Each file with one mistake: its code, and what the message must name. */
const FILES = {
  "cycle.ts": {
    text: `${IMPORT}const a = task("a", () => {}); const b = task("b", () => {});\nexport default dag("w", {}, () => { const [x, y] = [a(), b()]; chain(x, y, x); });`,
    code: "CYCLE",
    names: /"a".*"b"|a → b|a -> b/,
  },
  "throws.ts": {
    text: `${IMPORT}throw new Error("no luck");`,
    code: "FILE_THREW",
    names: /"pipelines\/throws.ts" at line 2.*no luck/,
  },
  "endless.ts": { text: `${IMPORT}for (;;) {}`, code: "FILE_NEVER_RETURNED", names: /"pipelines\/endless.ts"/ },
  "syntax.ts": { text: `${IMPORT}const a = ;`, code: "FILE_SYNTAX_ERROR", names: /"pipelines\/syntax.ts" at line 2/ },
  "other.ts": { text: `export default 42;`, code: "NO_WORKFLOW", names: /default export of "pipelines\/other.ts"/ },
  "twice.ts": {
    text: `${IMPORT}const a = task("same", () => {}); const b = task("same", () => {});\nexport default dag("w", {}, () => { a(); b(); });`,
    code: "DUPLICATE_TASK",
    names: /"w".*"same"/,
  },
  "rule.ts": {
    text: `${IMPORT}const a = task("a", () => {});\nexport default dag("w", {}, () => { a().when("all_succes" as never); });`,
    code: /^[A-Z_]+$/,
    names: /"all_succes".*"all_success"/,
  },
  "async.ts": {
    text: `${IMPORT}const a = task("a", () => {});\nexport default dag("w", {}, (async () => { a(); }) as never);`,
    code: /^[A-Z_]+$/,
    names: /"w"/,
  },
  "template.ts": {
    text: `${IMPORT}const a = task("a", () => "x"); const b = task("b", (_: { t: string }) => {});\nexport default dag("w", {}, () => { b({ t: \`\${a()}\` }); });`,
    code: "REF_USED_AS_VALUE",
    names: /"a"/,
  },
} as const;

test("check says of every file what is wrong with it, with code, place and excerpt; others load", async () => {
  const files = Object.fromEntries(Object.entries(FILES).map(([name, { text }]) => [`pipelines/${name}`, text]));
  const { dir } = tempProject({
    ...files,
    "pipelines/fine.ts": `${IMPORT}const a = task("a", () => {});\nexport default dag("fine", {}, () => { a(); });`,
  });
  const env = { TUTTI_LOAD_TIMEOUT: "1500ms" };
  const [json, text, run] = await Promise.all([
    tutti(["check", "--json"], { cwd: dir, env }),
    tutti(["check", "--file", "pipelines/syntax.ts"], { cwd: dir, env }),
    tutti(["run", "w", "--file", "pipelines/cycle.ts"], { cwd: dir, env }),
  ]);
  expect(json).toMatchObject({ code: 1, stderr: "" });
  const checked = JSON.parse(json.stdout) as {
    workflows: string[];
    errors: { code: string; message: string; file: string; line: number | null; excerpt: string | null }[];
  };
  expect(checked.workflows).toEqual(["fine"]);
  for (const [name, { code, names }] of Object.entries(FILES)) {
    const error = checked.errors.find(({ file }) => file === `pipelines/${name}`);
    expect(error, name).toMatchObject({
      code: typeof code === "string" ? code : (expect.stringMatching(code) as string),
      message: expect.stringMatching(names) as string,
    });
    expect(error?.message, name).not.toMatch(/\n {4}at /);
  }
  expect(text.code).toBe(1);
  expect(text.stdout).toMatch(/✗ pipelines\/syntax\.ts:2:11 .*\[FILE_SYNTAX_ERROR\]\n {2}2 \| const a = ;\n/);
  expect(run).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(/^error: .*\[CYCLE\]\n/) as string });
}, 60_000);

const ONE = `${IMPORT}const a = task("a", () => 1);\nexport const one = dag("one", { schedule: "@daily" }, () => { a(); });\n`;

test("words that fit nothing are wrong use: one line, a code, status 2", async () => {
  const { dir } = tempProject({ "pipelines/one.ts": ONE });
  const cases = [
    [["run", "on"], /"on".*Did you mean "one"\?.*\[WORKFLOW_NOT_FOUND\]/],
    [["run", "one", "--date", "2025-02-30"], /"2025-02-30" is not a date.*\[BAD_DATE\]/],
    [["run", "one", "--from", "2025-02-02", "--to", "2025-02-01"], /"2025-02-02" is after "2025-02-01".*\[BAD_DATE\]/],
    [["run", "one", "--param", "x=1"], /"one".*"x".*\[PARAMS_UNEXPECTED\]/],
    [["run", "one", "--file", "pipelines/on.ts"], /"pipelines\/on.ts".*"one.ts".*\[FILE_NOT_FOUND\]/],
    [["logs", "zzzz"], /no store|"zzzz".*\[(STORE|RUN)_NOT_FOUND\]/],
  ] as const;
  for (const [args, message] of cases) {
    const { code, stdout, stderr } = await tutti(args, { cwd: dir });
    expect(stderr, args.join(" ")).toMatch(message);
    expect(stderr.trimEnd().split("\n"), args.join(" ")).toHaveLength(1);
    expect({ code, stdout }, args.join(" ")).toEqual({ code: args[0] === "logs" ? expect.any(Number) : 2, stdout: "" });
  }
}, 60_000);

test("tasks that go wrong in every way fail by name, each with its code; the others go on", async () => {
  const { dir } = tempProject({
    "pipelines/bad.ts": `${IMPORT}
      const apart = { isolation: "process" } as const;
      const tasks = [
        task("returns_function", () => (() => {}) as never),
        task("too_large", () => "x".repeat(100_000)),
        task("never_settles", { timeout: "300ms" }, () => new Promise<void>(() => {})),
        task("exits", apart, () => process.exit(3)),
        task("blocks", { ...apart, timeout: "500ms" }, () => { for (;;); }),
        task("fine", () => "fine"),
      ];
      export default dag("bad", {}, () => { for (const each of tasks) each(); });`,
  });
  const { code, stdout } = await tutti(["run", "bad", "--json"], {
    cwd: dir,
    env: { TUTTI_MAX_VALUE_BYTES: "50000", TUTTI_GRACE: "200ms" },
  });
  expect(code).toBe(1);
  const { tasks } = JSON.parse(stdout) as {
    tasks: { name: string; state: string; output?: unknown; error?: { code?: string; message: string } }[];
  };
  expect(Object.fromEntries(tasks.map(({ name, state, error }) => [name, error?.code ?? state]))).toEqual({
    returns_function: "VALUE_NOT_SERIALIZABLE",
    too_large: "VALUE_TOO_LARGE",
    never_settles: "TIMED_OUT",
    exits: "CHILD_CRASHED",
    blocks: "TIMED_OUT",
    fine: "succeeded",
  });
  expect(tasks.find(({ name }) => name === "returns_function")?.error?.message).toContain(`"returns_function"`);
}, 60_000);

test("a store that is damaged, foreign, newer or locked is named, and left as it is", async () => {
  const here = tempProject({ "pipelines/one.ts": ONE });
  expect((await tutti(["run", "one"], { cwd: here.dir })).code).toBe(0);
  const refused = async (file: string, message: RegExp) => {
    const results = await Promise.all([
      tutti(["run", "one"], { cwd: here.dir, env: { TUTTI_STORE: here.path(file) } }),
      tutti(["runs"], { cwd: here.dir, env: { TUTTI_STORE: here.path(file) } }),
    ]);
    for (const { code, stdout, stderr } of results) {
      expect(stderr).toMatch(message);
      expect(stderr.trimEnd().split("\n")).toHaveLength(1);
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    }
  };

  writeFileSync(here.path("damaged.db"), "this was a database".repeat(300));
  await refused("damaged.db", /^error: Store ".*damaged\.db" is damaged .*\[STORE_DAMAGED\]/);
  expect(here.read("damaged.db")).toBe("this was a database".repeat(300));

  const newer = new DatabaseSync(here.path(".tutti/tutti.db"));
  newer.exec(`vacuum into '${here.path("newer.db")}'; vacuum into '${here.path("locked.db")}'`);
  newer.close();
  const migrated = new DatabaseSync(here.path("newer.db"));
  migrated.exec(
    "insert into migration (number, name, compatible_from, applied_at) values (9999, 'later', '99.0.0', 0)",
  );
  migrated.close();
  await refused("newer.db", /^error: .*newer\.db".*99\.0\.0.*\[STORE_TOO_NEW\]/);

  const locked = new DatabaseSync(here.path("locked.db"));
  locked.exec("pragma journal_mode = delete; begin exclusive");
  await refused("locked.db", /^error: Store ".*locked\.db" .*locked by another process.*\[STORE_BUSY\]/);
  locked.close();
}, 60_000);
