import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { objectsAt } from "../../objects/objects-at.ts";
import { formatLine } from "./log-entry.ts";
import { LogPages } from "./log-pages.ts";
import { chunkKey } from "./log-objects.ts";
import { ShippedSource } from "./shipped-source.ts";

let folder = "";
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "tutti-shipped-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const text = (at: number): string =>
  formatLine({
    taskRunId: 1,
    claim: 1,
    runId: "run1",
    at,
    level: "info",
    source: "log",
    message: `line ${at}`,
    fields: null,
  });

/** Puts texts into the store as parts of a worker's segment, as they follow each other. */
function ship(worker: string, ...texts: readonly string[]): void {
  let offset = 0;
  for (const part of texts) {
    const path = join(folder, "store", chunkKey("run1", worker, offset));
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, part);
    offset += Buffer.byteLength(part);
  }
}
const log = () => ({ dir: join(folder, "logs"), store: `file:${join(folder, "store")}`, runId: "run1" });
const times = async (limit: number): Promise<readonly number[]> =>
  (await new LogPages().page(log(), { from: 0, limit })).lines.map(({ at }) => at);

test("lines that are here and lines that only the store has are one log", async () => {
  ship("away", text(1), text(4) + text(6).slice(0, 20), text(6).slice(20));
  ship("here", text(9));
  mkdirSync(join(folder, "logs", "run1"), { recursive: true });
  writeFileSync(join(folder, "logs", "run1", "here.jsonl"), text(2) + text(5));
  expect(await times(9)).toEqual([1, 2, 4, 5, 6]);
  const { lines } = await new LogPages().last(log(), 3);
  expect(lines.map(({ at }) => at)).toEqual([4, 5, 6]);
});

test("a segment that stands there whole and in parts is read once", async () => {
  ship("away", text(1), text(2));
  writeFileSync(join(folder, "store", chunkKey("run1", "away", 0)), text(1) + text(2));
  expect(await times(9)).toEqual([1, 2]);
});

test("a reading that met a segment while its parts were made one goes on", async () => {
  ship("away", text(1), text(2), text(3));
  const store = await objectsAt("The store of logs", log().store);
  const length = Buffer.byteLength(text(1));
  const parts = [0, 1, 2].map((part) => ({
    key: chunkKey("run1", "away", part * length),
    offset: part * length,
    size: length,
  }));
  const source = new ShippedSource(store, "run1", "away", parts);
  expect((await source.read(0, length)).toString()).toBe(text(1));
  const whole = join(folder, "whole");
  writeFileSync(whole, text(1) + text(2) + text(3));
  renameSync(whole, join(folder, "store", parts[0]!.key));
  for (const { key } of parts.slice(1)) rmSync(join(folder, "store", key));
  expect((await source.read(length, 10 * length)).toString()).toBe(text(2) + text(3));
});

test("of a run that was removed meanwhile there is nothing more", async () => {
  const store = await objectsAt("The store of logs", log().store);
  mkdirSync(join(folder, "store"));
  const source = new ShippedSource(store, "run1", "away", [{ key: "run1/away/000.jsonl", offset: 0, size: 9 }]);
  // Listed anew, there is nothing: what was there was removed with its run.
  expect((await source.read(0, 9)).length).toBe(0);
});
