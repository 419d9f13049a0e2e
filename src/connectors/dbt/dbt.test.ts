import { chmodSync, existsSync } from "node:fs";
import { expect, test } from "vitest";
import { tempProject } from "../../../test/support/temp-project.ts";
import { fakeContext } from "../../testing/index.ts";
import { dbt, type DbtOptions } from "./index.ts";

/** Says what it was called with, and writes the results that stand beside it where it is told to. */
const FAKE = `#!/bin/sh
printf '%s\\n' "$@" > "$ARGS"
while [ $# -gt 0 ]; do case "$1" in --target-path) target=$2;; esac; shift; done
mkdir -p "$target"
cat events.jsonl
[ -e results.json ] && cp results.json "$target/run_results.json"
exit "$(cat code)"
`;

const node = (id: string, status: string, message: string | null = null) => ({
  unique_id: id,
  status,
  execution_time: 0.5,
  message,
  failures: status === "fail" ? 2 : null,
  relation_name: null,
  adapter_response: { rows_affected: 7 },
});

const event = (msg: string, level = "info", data: object = {}): string =>
  `${JSON.stringify({ info: { level, msg }, data })}\n`;

function shop(files: { events?: string; results?: string; code?: number }, options: Partial<DbtOptions> = {}) {
  const project = tempProject({
    "bin/dbt": FAKE,
    "shop/dbt_project.yml": "",
    "shop/events.jsonl": files.events ?? "",
    "shop/code": String(files.code ?? 0),
    ...(files.results === undefined ? {} : { "shop/results.json": files.results }),
  });
  chmodSync(project.path("bin/dbt"), 0o755);
  const calls = dbt({
    project: project.path("shop"),
    dbt: project.path("bin/dbt"),
    env: { ARGS: project.path("args") },
    ...options,
  });
  return { project, calls, args: () => project.read("args").trimEnd().split("\n") };
}

test("options become arguments, each for itself", async () => {
  const { calls, args } = shop({}, { profiles: "/etc/dbt", target: "prod" });
  await calls.run(fakeContext(), {
    select: ["tag:daily", "+orders"],
    exclude: "stale",
    vars: { day: "2025-08-12", note: "it's; $(x)" },
    fullRefresh: true,
    threads: 4,
  });
  expect(args().filter((arg) => !arg.includes("tutti-dbt-"))).toEqual([
    "--log-format",
    "json",
    "--no-use-colors",
    "run",
    "--profiles-dir",
    "/etc/dbt",
    "--target",
    "prod",
    "--target-path",
    "--log-path",
    "--select",
    "tag:daily",
    "+orders",
    "--exclude",
    "stale",
    "--vars",
    `{"day":"2025-08-12","note":"it's; $(x)"}`,
    "--full-refresh",
    "--threads",
    "4",
  ]);
});

test("events are log lines with their level, and progress counts nodes that are done", async () => {
  const at = (status: string, id: string, index: number) => ({
    index,
    total: 2,
    node_info: { node_status: status, unique_id: id },
  });
  const { calls } = shop({
    events:
      event("\u001b[32mRunning\u001b[0m") +
      event("") +
      event("START a", "info", at("started", "model.a", 1)) +
      event("OK a", "info", at("success", "model.a", 1)) +
      event("careful\nreally", "warn", at("success", "model.a", 1)) +
      event("FAIL b", "error", { ...at("fail", "test.b", 2), total: undefined, num_models: 2 }) +
      "not JSON\n{half\n",
  });
  const steps: string[] = [];
  const ctx = fakeContext({ progress: (...step) => void steps.push(step.join(" ")) });
  await calls.build(ctx);
  expect(ctx.logs.map(({ level, message }) => `${level}: ${message}`)).toEqual([
    "info: Running",
    "info: START a",
    "info: OK a",
    "warn: careful",
    "warn: really",
    "error: FAIL b",
    "info: not JSON",
    "info: {half",
  ]);
  expect(steps).toEqual(["1 2 model.a", "2 2 test.b"]);
});

test("results are typed; what failed makes the error", async () => {
  const results = JSON.stringify({ results: [node("model.a", "success", "OK"), node("test.b", "warn")] });
  expect(await shop({ results }).calls.build(fakeContext())).toEqual({
    nodes: [
      {
        id: "model.a",
        kind: "model",
        status: "success",
        seconds: 0.5,
        message: "OK",
        failures: null,
        rowsAffected: 7,
        relation: null,
      },
      {
        id: "test.b",
        kind: "test",
        status: "warn",
        seconds: 0.5,
        message: null,
        failures: null,
        rowsAffected: 7,
        relation: null,
      },
    ],
    counts: { success: 1, warn: 1 },
    artifacts: {},
  });
  const many = Array.from({ length: 12 }, (_, n) => node(`test.t${n}`, "fail", `found\n  ${n}`));
  const failing = shop({ code: 1, results: JSON.stringify({ results: many }) }).calls.test(fakeContext());
  await expect(failing).rejects.toMatchObject({
    code: "DBT_FAILED",
    exitCode: 1,
    message: expect.stringMatching(/^dbt test exited with code 1\.\n {2}test\.t0: fail: found 0\n.*… and 2 more$/s),
  });
});

test.each([
  ["none", undefined],
  ["half of it", '{"results": [{"uni'],
  ["something else", '{"results": 1}'],
])("where the results are %s, dbt's last errors make the message", async (_, results) => {
  const files = {
    code: 2,
    events: event("Parsing Error\n  no such thing", "error"),
    ...(results === undefined ? {} : { results }),
  };
  await expect(shop(files).calls.build(fakeContext())).rejects.toMatchObject({
    code: "DBT_FAILED",
    failed: [],
    message: "dbt build exited with code 2.\n  Parsing Error\n    no such thing",
  });
});

test("results of an earlier invocation do not pass for this one's", async () => {
  const project = tempProject({
    "target/run_results.json": JSON.stringify({ results: [node("model.old", "success")] }),
  });
  const { calls } = shop({}, { targetPath: project.path("target") });
  expect((await calls.build(fakeContext())).nodes).toEqual([]);
  expect(existsSync(project.path("target"))).toBe(true);
});

test.each([
  ["a folder without a project", { project: "src" }, {}, "COMMAND_NOT_FOUND", /"src" is no dbt project/],
  ["no dbt", { dbt: "no-such-dbt" }, {}, "COMMAND_NOT_FOUND", /dbt was not found.*pip install dbt-core/s],
  ["an environment without it", { dbt: undefined, venv: "nowhere" }, {}, "COMMAND_NOT_FOUND", /nowhere\/bin\/dbt/],
  ["a selection that is an option", {}, { select: "--full-refresh" }, "BAD_COMMAND", /no selection/],
  ["vars that are no JSON", {}, { vars: { n: 1n } }, "BAD_COMMAND", /no plain JSON/],
  ["a file to keep that dbt did not write", {}, { keep: ["manifest.json"] }, "OUTPUT_FILE_MISSING", /manifest\.json/],
])("%s is one clear error", async (_, options, run, code, message) => {
  const { calls } = shop({}, options);
  await expect(calls.build(fakeContext(), run)).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message),
  });
});
