import { describe, expect, test } from "vitest";
import { command } from "tutti/shell";
import { python } from "tutti/python";
import { fakeContext, type FakeContext } from "tutti/testing";
import { tempProject } from "../support/temp-project.ts";
import { started } from "./started.ts";

const systems = started("pipes");

const said = (ctx: FakeContext): string[] => ctx.logs.map(({ level, message }) => `${level}: ${message}`);

describe.skipIf(systems === null)("clients of Dagster Pipes, unchanged", () => {
  const { venv = "", rust = "" } = systems ?? {};

  const script = (text: string): { readonly cwd: string } => ({ cwd: tempProject({ "job.py": text }).dir });

  test("Python: reads its context, logs, reports", async () => {
    const at = script(`
from dagster_pipes import open_dagster_pipes, PipesContext
from datetime import datetime

with open_dagster_pipes() as pipes:
    print("a plain line")
    assert pipes.partition_key == "2025-08-12", pipes.partition_key
    assert pipes.partition_key_range["start"] == "2025-08-12"
    assert datetime.fromisoformat(pipes.partition_time_window["start"]).isoformat() == "2025-08-12T00:00:00+00:00"
    assert pipes.run_id == "test" and pipes.job_name == "test" and pipes.retry_number == 1
    assert pipes.asset_key == "sales/daily" and pipes.code_version is None and pipes.provenance is None
    pipes.log.info("counting %s", pipes.get_extra("what"))
    pipes.log.debug("quietly"); pipes.log.warning("careful"); pipes.log.critical("oh")
    pipes.report_asset_materialization(data_version="v1", metadata={
        "rows": 42,
        "note": {"raw_value": "**all**", "type": "md"},
        "by_sku": {"raw_value": {"records": [{"sku": "a", "sold": 1}], "schema": [{"name": "sku", "type": "string"}]}, "type": "table"},
    })
    pipes.report_asset_check(check_name="not_empty", passed=False, severity="WARN", metadata={"rows": 0})
    pipes.report_custom_message({"model": [1.5, None]})
`);
    const ctx = fakeContext({ date: "2025-08-12", attempt: 2 });
    const { reports } = await python(ctx, "job.py", {
      ...at,
      venv,
      pipes: { extras: { what: "sales" }, assets: ["sales/daily"] },
    });
    expect(said(ctx).toSorted()).toEqual(
      [
        "info: a plain line",
        "info: counting sales",
        "debug: quietly",
        "warn: careful",
        "error: oh",
        'info: Materialized "sales/daily".',
        'warn: Check "not_empty" of "sales/daily" failed.',
        "debug: The process sent a message.",
      ].toSorted(),
    );
    expect(reports?.materializations).toMatchObject([
      {
        asset: "sales/daily",
        dataVersion: "v1",
        metadata: {
          rows: { value: 42, type: "__infer__" },
          note: { value: "**all**", type: "md" },
          by_sku: { value: { records: [{ sku: "a", sold: 1 }] }, type: "table" },
        },
      },
    ]);
    expect(reports?.checks).toMatchObject([{ check: "not_empty", passed: false, severity: "WARN" }]);
    expect(reports?.messages).toEqual([{ model: [1.5, null] }]);
  });

  test("Python: an exception is the cause of the task's error, with its trace", async () => {
    const at = script(`
from dagster_pipes import open_dagster_pipes

with open_dagster_pipes():
    try:
        {}["region"]
    except KeyError as error:
        raise ValueError("no region") from error
`);
    const failing = python(fakeContext(), "job.py", { ...at, venv });
    await expect(failing).rejects.toMatchObject({
      code: "COMMAND_FAILED",
      exitCode: 1,
      message: expect.stringContaining("It reported: ValueError: no region"),
      cause: { name: "ValueError", stack: expect.stringContaining("job.py"), cause: { name: "KeyError" } },
    });
  });

  test("Python: a process that dies in the middle of a message loses that one only", async () => {
    const at = script(`
import os, json
from dagster_pipes import open_dagster_pipes, PipesEnvVarParamsLoader

with open_dagster_pipes() as pipes:
    pipes.report_custom_message("whole")
    path = PipesEnvVarParamsLoader().load_messages_params()["path"]
    with open(path, "a") as messages:
        messages.write('{"__dagster_pipes_version": "0.1", "method": "report_custom_mess')
        messages.flush()
    os.kill(os.getpid(), 9)
`);
    const ctx = fakeContext();
    await expect(python(ctx, "job.py", { ...at, venv })).rejects.toMatchObject({ signal: "SIGKILL" });
    expect(said(ctx)).toEqual([
      "debug: The process sent a message.",
      expect.stringMatching(/^error: A message of the process was not understood: it is no JSON/),
      expect.stringMatching(/^warn: The process ended before its Pipes client/),
    ]);
  });

  test("Python: messages between the lines of stdout", async () => {
    const at = script(`
from dagster_pipes import open_dagster_pipes
with open_dagster_pipes() as pipes:
    print("plain")
    pipes.report_custom_message("x" * 100_000)
`);
    const ctx = fakeContext();
    const { reports } = await python(ctx, "job.py", { ...at, venv, pipes: { messages: "stdout" } });
    expect(reports?.messages).toEqual(["x".repeat(100_000)]);
    expect(said(ctx)).toContain("info: plain");
  });

  test("Python: a context of a megabyte", async () => {
    const at = script(`
from dagster_pipes import open_dagster_pipes
with open_dagster_pipes() as pipes:
    pipes.report_custom_message(len(pipes.get_extra("noise")))
`);
    const noise = Array.from({ length: 50_000 }, () => Math.random());
    const { reports } = await python(fakeContext(), "job.py", { ...at, venv, pipes: { extras: { noise } } });
    expect(reports?.messages).toEqual([50_000]);
  });

  test("Python: without a client the same script options do no harm", async () => {
    const ctx = fakeContext();
    const result = await python(ctx, "job.py", { ...script(`print("no client")`), venv });
    expect(result).toMatchObject({ reports: null, lastLine: "no client" });
    expect(said(ctx)).toEqual(["info: no client"]);
  });

  test("Rust: reads its context, logs, reports", async () => {
    const ctx = fakeContext({ date: "2025-08-12" });
    const { reports } = await command(ctx, [rust], { pipes: { extras: { what: "sales" } } });
    expect(said(ctx).toSorted()).toEqual(
      [
        "info: a plain line",
        "info: counting",
        "debug: The process sent a message.",
        'info: Materialized "sales/daily".',
        'info: Check "not_empty" of "sales/daily" passed.',
      ].toSorted(),
    );
    expect(reports).toMatchObject({
      materializations: [
        { asset: "sales/daily", dataVersion: "v1", metadata: { rows: { value: "**42** rows", type: "md" } } },
      ],
      checks: [{ asset: "sales/daily", check: "not_empty", passed: true, severity: "ERROR" }],
      messages: [{ partition: "2025-08-12", run: "test", retry: 0, extras: { what: "sales" } }],
    });
  });
});
