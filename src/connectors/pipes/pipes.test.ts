import { readdirSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { expect, test, vi } from "vitest";
import { tempProject } from "../../../test/support/temp-project.ts";
import { fakeContext, type FakeContext } from "../../testing/index.ts";
import { command } from "../shell/index.ts";
import { openPipes } from "./index.ts";

/** A client as small as one can be: what it decodes, and `say` for its messages. */
const CLIENT = `
  const { inflateSync } = require("node:zlib"), fs = require("node:fs");
  const read = (name) => JSON.parse(inflateSync(Buffer.from(process.env[name], "base64")));
  const given = read("DAGSTER_PIPES_CONTEXT"), to = read("DAGSTER_PIPES_MESSAGES");
  const context = given.data ?? JSON.parse(fs.readFileSync(given.path, "utf8"));
  const write = (text) => to.path ? fs.appendFileSync(to.path, text) : fs.writeSync(to.stdio === "stdout" ? 1 : 2, text);
  const say = (method, params = null) => write(JSON.stringify({ __dagster_pipes_version: "0.1", method, params }) + "\\n");
`;

const client = (ctx: FakeContext, code: string, options: Parameters<typeof command>[2] = { pipes: true }) =>
  command(ctx, [process.execPath, "-e", CLIENT + code], options);

const said = (ctx: FakeContext): string[] => ctx.logs.map(({ level, message }) => `${level}: ${message}`);

test("a client finds its context, with the extras, the window and the attempt", async () => {
  const ctx = fakeContext({ date: "2025-08-12", attempt: 3 });
  const result = await client(
    ctx,
    `say("opened"); say("report_custom_message", { payload: context }); say("closed", {})`,
    {
      pipes: { extras: { epochs: 3, at: new Date(0) }, assets: ["sales/daily"] },
    },
  );
  expect(result.reports?.messages).toEqual([
    {
      asset_keys: ["sales/daily"],
      code_version_by_asset_key: { "sales/daily": null },
      provenance_by_asset_key: { "sales/daily": null },
      partition_key: "2025-08-12",
      partition_key_range: { start: "2025-08-12", end: "2025-08-12" },
      partition_time_window: { start: "2025-08-12T00:00:00+00:00", end: "2025-08-13T00:00:00+00:00" },
      run_id: "test",
      job_name: "test",
      retry_number: 2,
      extras: { epochs: 3, at: "1970-01-01T00:00:00.000Z" },
    },
  ]);
});

test.each([
  ["2025-08-12T06:00Z", "2025-08-12T07:00Z", "2025-08-12-06:00"],
  ["2025-03-30T00:00Z", "2025-03-30T23:00Z", "2025-01-01"],
  ["2025-08-12T06:00Z", "2025-08-12T06:00Z", null],
])("the window %s to %s is the partition %j", async (start, end, partition) => {
  const ctx = fakeContext({ interval: { start: new Date(start), end: new Date(end) } });
  const pipes = await openPipes(ctx);
  await pipes.close();
  const given = JSON.parse(inflateSync(Buffer.from(pipes.env["DAGSTER_PIPES_CONTEXT"] ?? "", "base64")).toString()) as {
    data: { partition_key: string | null; partition_time_window: object | null };
  };
  expect(given.data.partition_key).toBe(partition);
  expect(given.data.partition_time_window === null).toBe(partition === null);
});

test("what a client reports is in the log as it comes, and in the result", async () => {
  const ctx = fakeContext();
  const { reports } = await client(
    ctx,
    `say("opened", { extras: {} });
     for (const level of ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]) say("log", { message: level.toLowerCase(), level });
     say("log", { message: "two\\nlines\\u001b[31m!", level: "INFO" });
     say("report_asset_materialization", { asset_key: "sales/daily", data_version: "v1",
       metadata: { rows: { raw_value: 3, type: "int" }, url: { raw_value: "http://x", type: "url" }, bare: 1, nothing: null } });
     say("report_asset_check", { asset_key: "sales/daily", check_name: "not_empty", passed: false, severity: "WARN", metadata: {} });
     say("report_custom_message", { payload: { any: [1] } });
     say("log_external_stream", { stream: "stderr", text: "from far away\\n", extras: {} });
     say("closed")`,
  );
  expect(said(ctx)).toEqual([
    "debug: debug",
    "info: info",
    "warn: warning",
    "error: error",
    "error: critical",
    "info: two",
    "info: lines!",
    'info: Materialized "sales/daily".',
    'warn: Check "not_empty" of "sales/daily" failed.',
    "debug: The process sent a message.",
    "warn: from far away",
  ]);
  expect(ctx.logs.find(({ message }) => message.startsWith("Materialized"))?.fields).toEqual({
    asset: "sales/daily",
    dataVersion: "v1",
    metadata: { rows: 3, url: "http://x", bare: 1, nothing: null },
  });
  expect(reports).toEqual({
    materializations: [
      {
        asset: "sales/daily",
        dataVersion: "v1",
        metadata: {
          rows: { value: 3, type: "int" },
          url: { value: "http://x", type: "url" },
          bare: { value: 1, type: "__infer__" },
          nothing: { value: null, type: "__infer__" },
        },
      },
    ],
    checks: [{ asset: "sales/daily", check: "not_empty", passed: false, severity: "WARN", metadata: {} }],
    messages: [{ any: [1] }],
  });
});

test("a message is in the log while the process runs", async () => {
  const ctx = fakeContext();
  const stop = new AbortController();
  const running = command(
    fakeContext({
      signal: stop.signal,
      log: { ...ctx.log, info: (message) => message === "now" && stop.abort(new Error("seen")) },
    }),
    [process.execPath, "-e", `${CLIENT} say("log", { message: "now", level: "INFO" }); setInterval(() => {}, 1000)`],
    { pipes: true },
  );
  await expect(running).rejects.toThrow("seen");
});

test.each(["stdout", "stderr"] as const)("messages may come between the lines of %s", async (messages) => {
  const ctx = fakeContext();
  const print = messages === "stdout" ? "console.log" : "console.error";
  const { reports } = await client(
    ctx,
    `say("opened"); ${print}("plain"); ${print}('{"json": true}'); say("report_custom_message", { payload: "x".repeat(100000) }); say("closed")`,
    { pipes: { messages } },
  );
  expect(said(ctx).map((line) => line.replace(/^\w+: /, ""))).toEqual([
    "plain",
    '{"json": true}',
    "The process sent a message.",
  ]);
  expect(reports?.messages).toEqual(["x".repeat(100_000)]);
});

test("what a client says ended it is the cause of the command's error; the exit code decides", async () => {
  const exception = `{ name: "KeyError", message: "'region'", stack: ["  File \\"a.py\\", line 3\\n"], cause: { name: "ValueError", message: "inner", stack: [], cause: null, context: null }, context: null }`;
  const failing = client(fakeContext(), `say("opened"); say("closed", { exception: ${exception} }); process.exit(1)`);
  await expect(failing).rejects.toMatchObject({
    code: "COMMAND_FAILED",
    message: expect.stringContaining("It reported: KeyError: 'region'"),
    cause: { name: "KeyError", message: "'region'", stack: '  File "a.py", line 3', cause: { name: "ValueError" } },
  });
  const ctx = fakeContext();
  await client(ctx, `say("opened"); say("closed", { exception: ${exception} })`);
  expect(said(ctx)).toEqual([
    expect.stringMatching(/^warn: .* reported an error and ended well all the same: 'region'$/),
  ]);
});

test("a client may say twice that it is done, and its error without a name around it", async () => {
  const ctx = fakeContext();
  const failing = client(
    ctx,
    `say("opened"); say("closed", { message: "flat", stack: [], name: "E" }); say("closed"); process.exit(1)`,
  );
  await expect(failing).rejects.toMatchObject({ cause: { name: "E", message: "flat" } });
  expect(said(ctx)).toEqual([]);
  await client(ctx, `say("opened"); say("closed"); say("log", { message: "late", level: "INFO" })`);
  expect(said(ctx)).toEqual(['warn: The process reported "log" after it had said that it was done.', "info: late"]);
});

test.each([
  ["no JSON", `write("hello\\n")`, "it is no JSON"],
  ["a number", `write("1\\n")`, "the message is no object"],
  ["no version", `write('{"method":"log"}\\n')`, 'it has no "__dagster_pipes_version"'],
  ["an unknown method", `say("report_rain", {})`, 'its method "report_rain" is not known'],
  ["an unknown level", `say("log", { message: "a", level: "LOUD" })`, 'its level "LOUD" is not known'],
  ["no text", `say("log", { message: 1, level: "INFO" })`, 'its "message" is no text'],
  [
    "a check that neither passed nor failed",
    `say("report_asset_check", { asset_key: "a", check_name: "b" })`,
    "neither true nor false",
  ],
  ["half a message", `write('{"__dagster_pipes_version":"0.1","method":"lo')`, "it is no JSON"],
])("%s is named, and the rest goes on", async (_, code, reason) => {
  const ctx = fakeContext();
  const { reports } = await client(ctx, `say("opened"); say("report_custom_message", { payload: 1 }); ${code}`);
  expect(said(ctx)).toContainEqual(expect.stringMatching(new RegExp(`^error: .*${reason}`)));
  expect(said(ctx).at(-1)).toMatch(/^warn: The process ended before its Pipes client/);
  expect(reports?.messages).toEqual([1]);
});

test("a message longer than any is cut and named, at no cost of memory", async () => {
  const ctx = fakeContext();
  await client(
    ctx,
    `const part = "x".repeat(1 << 20); for (let n = 0; n < 20; n++) write(part); write("\\n"); say("opened"); say("closed")`,
  );
  expect(said(ctx)).toEqual([
    expect.stringMatching(/^error: .* was not understood: it is no JSON\. It begins: x{200}$/),
  ]);
});

test("a context too long for a variable goes by file", async () => {
  // Random, so that it does not deflate.
  const noise = Array.from({ length: 20_000 }, () => Math.random());
  const { reports } = await client(
    fakeContext(),
    `say("opened"); say("report_custom_message", { payload: [Object.keys(given), context.extras.noise.length] }); say("closed")`,
    {
      pipes: { extras: { noise } },
    },
  );
  expect(reports?.messages).toEqual([[["path"], 20_000]]);
});

test("a process without a client reports nothing, and no file is left", async () => {
  const { dir } = tempProject();
  vi.stubEnv("TMPDIR", dir);
  expect((await client(fakeContext(), "")).reports).toBeNull();
  await expect(client(fakeContext(), "process.exit(1)")).rejects.toThrow();
  vi.unstubAllEnvs();
  expect(readdirSync(dir).filter((name) => name.startsWith("tutti-pipes-"))).toEqual([]);
});

test("a launcher of one's own passes variables or arguments, and lines", async () => {
  const ctx = fakeContext();
  const pipes = await openPipes(ctx, { messages: "stdout" });
  expect(pipes.args).toEqual([
    "--dagster-pipes-context",
    pipes.env["DAGSTER_PIPES_CONTEXT"],
    "--dagster-pipes-messages",
    pipes.env["DAGSTER_PIPES_MESSAGES"],
  ]);
  expect(pipes.take("plain")).toBe(false);
  expect(pipes.take('{"__dagster_pipes_version":"0.1","method":"opened","params":null}')).toBe(true);
  expect(pipes.take('{"__dagster_pipes_version":"0.1","method":"report_custom_message","params":{"payload":7}}')).toBe(
    true,
  );
  const end = await pipes.close();
  expect(end).toMatchObject({ opened: true, exception: null, reports: { messages: [7] } });
  expect(await pipes.close()).toBe(end);
});

test("extras that are no JSON are refused", async () => {
  await expect(openPipes(fakeContext(), { extras: { big: 1n } })).rejects.toMatchObject({ code: "BAD_COMMAND" });
});
