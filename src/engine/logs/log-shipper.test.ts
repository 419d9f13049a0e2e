import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { TuttiError } from "../../core/errors.ts";
import type { LogLine } from "../../runtime/protocol.ts";
import { LogReader } from "./log-reader.ts";
import { LogWriter } from "./log-writer.ts";
import { removeRunLogs } from "./prune-logs.ts";

let folder = "";
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "tutti-ship-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const line = (message: string, at: number): LogLine => ({
  taskRunId: 1,
  claim: 1,
  runId: "run1",
  at,
  level: "info",
  source: "log",
  message,
  fields: null,
});

/** A worker on a machine of its own, and somebody on another. */
function machines() {
  const [dir, store] = [join(folder, "worker"), join(folder, "store")];
  const url = `file:${store}`;
  const warnings: TuttiError[] = [];
  const onWarning = (warning: TuttiError) => void warnings.push(warning);
  const writer = new LogWriter({ dir, worker: "w/1", flushEveryMs: 5, store: url, shipEveryMs: 20, onWarning });
  const elsewhere = new LogReader(join(folder, "other"), url);
  const messages = async () => (await elsewhere.read("run1")).map(({ message }) => message);
  const chunks = () => readdirSync(store, { recursive: true }).filter((name) => String(name).endsWith(".jsonl"));
  return { dir, store, url, writer, elsewhere, messages, chunks, warnings };
}

test("lines that one machine writes are read on another, while they come and after the run", async () => {
  const { writer, elsewhere, messages, chunks, dir, url } = machines();
  const end = new AbortController();
  const heard: string[] = [];
  const following = (async () => {
    for await (const { message } of elsewhere.follow("run1", { signal: end.signal, everyMs: 5 })) heard.push(message);
  })();
  for (let at = 1; at <= 3; at++) {
    writer.add(line(`line ${at} ü`, at));
    writer.flush();
    await vi.waitFor(async () => expect(await messages()).toHaveLength(at));
  }
  expect(chunks()).toHaveLength(3);
  writer.closeRun("run1");
  await writer.shipped();
  expect(chunks()).toHaveLength(1);
  expect(await messages()).toEqual(["line 1 ü", "line 2 ü", "line 3 ü"]);
  end.abort();
  await following;
  expect(heard).toEqual(["line 1 ü", "line 2 ü", "line 3 ü"]);
  // The machine that wrote them reads its own, once.
  expect(await new LogReader(dir, url).read("run1")).toHaveLength(3);
  await removeRunLogs(dir, "run1", url);
  expect(await messages()).toEqual([]);
});

test("a store that is away loses nothing, and is told once", async () => {
  const { store, writer, messages, warnings } = machines();
  writeFileSync(store, "in the way");
  writer.add(line("early", 1));
  writer.flush();
  await vi.waitFor(() => expect(warnings).toHaveLength(1));
  writer.add(line("later", 2));
  writer.flush();
  await writer.shipped();
  rmSync(store);
  writer.add(line("back", 3));
  writer.close();
  await writer.shipped();
  expect(await messages()).toEqual(["early", "later", "back"]);
  expect(warnings.map(({ code }) => code)).toEqual(["LOG_NOT_SHIPPED"]);
});
