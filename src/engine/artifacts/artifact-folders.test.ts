import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ArtifactFolders } from "./artifact-folders.ts";
import { tempFolder } from "../../testing/temp-folder.test-data.ts";

function stored(...places: string[]) {
  const dir = tempFolder("store");
  for (const place of places) {
    mkdirSync(join(dir, "artifacts", place, ".."), { recursive: true });
    writeFileSync(join(dir, "artifacts", place), "12345");
  }
  return {
    store: new ArtifactFolders(join(dir, "artifacts")),
    has: (place: string) => existsSync(join(dir, "artifacts", place)),
  };
}

test("a URI leads to its file, and nowhere else", async () => {
  const { store } = stored("run1/5-2/sales.parquet");
  expect(await store.sizeOf("artifact:run1/5-2/sales.parquet")).toBe(5);
  expect(await store.sizeOf("artifact:run1/5-3/sales.parquet")).toBeNull();
  for (const uri of [
    "artifact:run1/5-2/..%2F..%2Fother",
    "artifact:run1/5-2/%2e%2e",
    "artifact:../5-2/a",
    "file:///etc/passwd",
    "artifact:run1/5-2/a/b",
    "artifact:run1/5-2/%E0%A4%A",
  ])
    expect(() => store.fileOf(uri), uri).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/BAD_NAME|ARTIFACT_NOT_FOUND/) }),
    );
});

test("a sweep keeps what was recorded and removes what attempts left behind", async () => {
  const { store, has } = stored("run1/5-1/a", "run1/5-2/a", "run1/6-1/b", "run2/5-1/c");
  expect(await store.sweep("run1", [{ taskRunId: 5, claim: 2 }])).toBe(2);
  expect(["run1/5-1", "run1/5-2/a", "run1/6-1", "run2/5-1/c"].map(has)).toEqual([false, true, false, true]);
  expect(await store.sweep("run9", [])).toBe(0);
});

test("a run's artifacts can be removed, by its id only", async () => {
  const { store, has } = stored("run1/5-1/a");
  await expect(store.removeRun("..")).rejects.toMatchObject({ code: "BAD_NAME" });
  await store.removeRun("run1");
  expect(has("run1")).toBe(false);
});
