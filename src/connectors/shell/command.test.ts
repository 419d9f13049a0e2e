import { expect, test } from "vitest";
import { tempProject } from "../../../test/support/temp-project.ts";
import { dag, task } from "../../index.ts";
import { fakeContext, runTask, runWorkflow } from "../../testing/index.ts";
import { command, shell, urlOf } from "./index.ts";

const node = process.execPath;

test("lines are in the task's log as they were written, stdout as info and stderr as warn", async () => {
  const ctx = fakeContext();
  const result = await shell(ctx)`echo "one  two"; echo oops >&2; echo ' '`;
  expect(result).toEqual({ exitCode: 0, lastLine: "one  two", stdout: null, artifacts: {}, reports: null });
  const said = ctx.logs.map(({ level, message }) => `${level}: ${message}`);
  expect(said.toSorted()).toEqual(["info:  ", "info: one  two", "warn: oops"]);
});

test("a command gets a cleaned environment, who it is, and what it is given", async () => {
  process.env["TUTTI_TEST_LEAK"] = "secret";
  const orders = urlOf("orders");
  const show = task("show", (_: void, ctx) =>
    command(ctx, [node, "-e", "console.log(JSON.stringify(process.env))"], {
      capture: true,
      env: { DB: orders, HOME: undefined },
    }),
  );
  const { output } = await runTask(show, undefined, {
    date: "2025-08-12",
    attempt: 2,
    mapIndex: 3,
    connections: { orders: "duckdb:./orders.db" },
  });
  delete process.env["TUTTI_TEST_LEAK"];
  const env = JSON.parse(output.stdout ?? "") as Record<string, string>;
  expect(env).toMatchObject({
    PATH: process.env["PATH"],
    DB: "duckdb:./orders.db",
    TUTTI_DATE: "2025-08-12",
    TUTTI_INTERVAL_START: "2025-08-12T00:00:00.000Z",
    TUTTI_INTERVAL_END: "2025-08-13T00:00:00.000Z",
    TUTTI_TASK: "show",
    TUTTI_ATTEMPT: "2",
    TUTTI_MAP_INDEX: "3",
    TUTTI_IDEMPOTENCY_KEY: "test-key",
  });
  expect(env).not.toHaveProperty("TUTTI_TEST_LEAK");
  expect(env).not.toHaveProperty("HOME");
});

test("an exit code is the error, with what the command said last", async () => {
  const failing = shell(fakeContext())`echo fine; echo "no such table" >&2; exit 3`;
  await expect(failing).rejects.toMatchObject({
    code: "COMMAND_FAILED",
    exitCode: 3,
    signal: null,
    lastLines: ["no such table"],
    message: expect.stringMatching(
      /^Shell command "echo fine; .*" exited with code 3\.\nIts last lines:\n {2}no such table$/,
    ),
  });
});

test.each([
  ["kill -TERM $$", "was ended by SIGTERM"],
  ["kill -KILL $$", "the system does that when memory runs out"],
  ["no_such_command_here", "exited with code 127: a command in it was not found"],
])("%s is told as: %s", async (script, said) => {
  const text = Object.assign([script], { raw: [script] });
  await expect(shell(fakeContext())(text)).rejects.toThrow(said);
});

test("exit codes can mean success, or a skip", async () => {
  expect(await command(fakeContext(), ["sh", "-c", "exit 2"], { okCodes: [0, 2] })).toMatchObject({ exitCode: 2 });
  const skips = task("skips", (_: void, ctx) => command(ctx, ["sh", "-c", "exit 99"], { skipCodes: [99] }));
  expect(await runTask(skips, undefined)).toMatchObject({ skipped: '"sh" exited with code 99' });
});

test("stdout can be the result, whatever bytes it has, and too much of it is refused", async () => {
  const said = await command(fakeContext(), ["printf", String.raw`a\r\nb`], { capture: true });
  expect(said).toMatchObject({ stdout: "a\r\nb", lastLine: null });
  await expect(
    command(fakeContext(), ["head", "-c", "11000000", "/dev/zero"], { capture: true }),
  ).rejects.toMatchObject({
    code: "OUTPUT_TOO_LARGE",
  });
});

test("files become artifacts; one that is missing is named", async () => {
  const project = tempProject();
  const write = task(
    "write",
    (_: void, ctx) => shell(ctx, { cwd: project.dir, files: { "day.csv": "out.csv" } })`printf 'a,b\n1,2\n' > out.csv`,
  );
  const { output } = await runTask(write, undefined);
  expect(Buffer.from(await output.artifacts["day.csv"]!.bytes()).toString()).toBe("a,b\n1,2\n");
  const missing = shell(fakeContext(), { cwd: project.dir, files: { "day.csv": "gone.csv" } })`true`;
  await expect(missing).rejects.toMatchObject({
    code: "OUTPUT_FILE_MISSING",
    message: expect.stringContaining("gone.csv"),
  });
});

test.each(["$(touch pwned)", "`touch pwned`", "'; touch pwned; '", '"; touch pwned; "', "a  b\n*", "-n", "\\", ""])(
  "a value is a value inside any quotes: %j",
  async (value) => {
    const project = tempProject();
    const ctx = fakeContext();
    const at = { cwd: project.dir, capture: true } as const;
    const bare = await shell(ctx, at)`printf '%s|' ${value} ${[value, "x"]}`;
    expect(bare.stdout).toBe(`${value}|${value}|x|`);
    const quoted = await shell(ctx, at)`printf '%s|' "a${value}b" 'a${value}b'`;
    expect(quoted.stdout).toBe(`a${value}b|a${value}b|`);
    const nested = await shell(ctx, at)`printf '%s|' "$(printf '%s' "${value}")"`;
    expect(nested.exitCode).toBe(0);
    expect((await shell(ctx, at)`ls`).stdout).toBe("");
  },
);

test("a shell script ends at its first failure, and at a variable that is not set", async () => {
  const ctx = fakeContext();
  await expect(shell(ctx)`false; echo went on`).rejects.toMatchObject({ exitCode: 1 });
  await expect(shell(ctx)`echo "$NOT_SET_ANYWHERE"`).rejects.toThrow("NOT_SET_ANYWHERE");
  await expect(shell(ctx, { shell: "bash" })`false | true`).rejects.toMatchObject({ exitCode: 1 });
});

test.each([
  [
    "a program that is nowhere",
    () => command(fakeContext(), ["no-such-program"]),
    "COMMAND_NOT_FOUND",
    /no-such-program.*PATH|not found in/,
  ],
  [
    "a path that is not there",
    () => command(fakeContext(), ["./nope.sh"]),
    "COMMAND_NOT_FOUND",
    /nope\.sh" is not there/,
  ],
  ["a file that may not be run", () => command(fakeContext(), ["./package.json"]), "COMMAND_NOT_FOUND", /chmod \+x/],
  ["a folder", () => command(fakeContext(), ["./src"]), "COMMAND_NOT_FOUND", /is no file/],
  ["a cwd that is not there", () => command(fakeContext(), ["ls"], { cwd: "nowhere" }), "COMMAND_NOT_FOUND", /nowhere/],
  ["no program", () => command(fakeContext(), [] as never), "BAD_COMMAND", /list/],
  ["an argument that is no text", () => command(fakeContext(), ["ls", 1 as never]), "BAD_COMMAND", /Argument 1/],
  ["a zero byte", () => command(fakeContext(), ["ls", "a\0b"]), "BAD_COMMAND", /zero byte/],
  ["a bad variable", () => command(fakeContext(), ["ls"], { env: { "A-B": "x" } }), "BAD_COMMAND", /A-B/],
  ["a value that is none", () => shell(fakeContext())`ls ${undefined as never}`, "BAD_COMMAND", /undefined/],
  ["a script that is no template", () => shell(fakeContext())("ls" as never), "BAD_COMMAND", /template literal/],
])("%s is refused with a sentence", async (_, run, code, message) => {
  await expect(run()).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
});

test("a megabyte in one line and control characters reach the log readable", async () => {
  const ctx = fakeContext();
  await command(ctx, [
    node,
    "-e",
    String.raw`console.log("x".repeat(1e6)); console.log("\u0007\u001b[31mred\u001b[0m")`,
  ]);
  expect(ctx.logs.map(({ message }) => message.slice(-41))).toEqual([
    `${"x".repeat(10)} … [984000 more characters cut]`,
    String.raw`\x07red`,
  ]);
});

test("in a run: the output of a command is the input of the next task", async () => {
  const count = task("count", (_: void, ctx) => shell(ctx)`printf 'a\nb\n' | wc -l`);
  const double = task("double", ({ lines }: { lines: string | null }) => Number(lines) * 2);
  const workflow = dag("counting", {}, () => void double({ lines: count().lastLine }));
  const run = await runWorkflow(workflow);
  expect(run.state).toBe("succeeded");
  expect(run.tasks["double"]).toMatchObject({ output: 4 });
});
