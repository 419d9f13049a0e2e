import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SharedFolder } from "./shared-folder.ts";

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "tutti-shared-"))));
afterEach(() => rmSync(folder, { recursive: true }));

const file = (): string => join(folder, ".tutti-store");

test("processes of one store share it, also those that come at once", async () => {
  const names = Array.from({ length: 20 }, (_, n) => `p${n}`);
  await Promise.all(names.map((name) => SharedFolder.enter(folder, "ours", name)));
  expect(readFileSync(file(), "utf8")).toBe("ours\n");
});

test("another store is refused", async () => {
  await SharedFolder.enter(folder, "ours", "p1");
  await expect(SharedFolder.enter(folder, "theirs", "p2")).rejects.toMatchObject({ code: "FOLDER_OF_ANOTHER_STORE" });
});

test("who finds the name half written waits for it", async () => {
  writeFileSync(file(), "");
  const entered = SharedFolder.enter(folder, "ours", "p1");
  setTimeout(() => writeFileSync(file(), "ours\n"), 50);
  await expect(entered).resolves.toBeInstanceOf(SharedFolder);
});

test("whoever made the file and died before it was written leaves it to the next", async () => {
  writeFileSync(file(), "");
  await SharedFolder.enter(folder, "ours", "p1");
  expect(readFileSync(file(), "utf8")).toBe("ours\n");
});
