import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { systemClock } from "../../core/clock.ts";
import { storeSuite } from "../../testing/store-suite.ts";
import { openSqliteInbox, openSqliteReader, openSqliteStore } from "./open-sqlite-store.ts";

const folder = mkdtempSync(join(tmpdir(), "tutti-store-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

storeSuite("SQLite, in a file", makeDatabase, { oneOwner: "several processes: a SQLite file has one owner" });

async function makeDatabase() {
  const path = join(folder, `${(files += 1)}.db`);
  let closing: (() => Promise<void>)[] = [];
  let passed = 0;
  const clock = { now: () => systemClock.now() + passed };
  return {
    async open() {
      const store = await openSqliteStore({ path, clock });
      const [reader, inbox] = [await openSqliteReader({ path, clock }), await openSqliteInbox({ path })];
      closing = [() => reader.close(), () => inbox.close(), () => store.close()];
      return { store, reader, inbox };
    },
    async close() {
      for (const close of closing.splice(0)) await close();
    },
    advance(ms: number) {
      passed += ms * 1000;
    },
  };
}
