import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { addKeyToFile, dropOldKeys, newKey, readKeyRing, requireKeyRing } from "./key-ring.ts";

let folder = "";
let file = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tutti-key-"));
  file = join(folder, "state", "key");
});
afterEach(() => rmSync(folder, { recursive: true }));
const read = (env: NodeJS.ProcessEnv = {}) => readKeyRing({ encryptionKeyFile: file }, env);

test("without a key there is none, and what needs one says how to make it", () => {
  expect(read()).toBeNull();
  expect(() => requireKeyRing({ encryptionKeyFile: file }, {})).toThrow(
    expect.objectContaining({
      code: "ENCRYPTION_KEY_MISSING",
      message: expect.stringContaining("tutti secrets key") as string,
    }),
  );
});

test("a key file is readable by its owner only; a new key comes first, and the old ones go when they are no longer needed", () => {
  const first = addKeyToFile(file);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(read()?.keys.map(({ id }) => id)).toEqual([first.id]);
  const second = addKeyToFile(file);
  expect(read()?.keys.map(({ id }) => id)).toEqual([second.id, first.id]);
  dropOldKeys(file);
  expect(read()?.keys.map(({ id }) => id)).toEqual([second.id]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test("the environment comes before the file: base64 or hexadecimal, several with commas", () => {
  addKeyToFile(file);
  const [a, b] = [newKey(), newKey()];
  const ring = read({ TUTTI_ENCRYPTION_KEY: `${a.bytes.toString("base64")}, ${b.bytes.toString("hex")}` });
  expect(ring).toMatchObject({ from: "TUTTI_ENCRYPTION_KEY", file: null });
  expect(ring?.keys.map(({ id }) => id)).toEqual([a.id, b.id]);
});

test("what is no key is refused without being shown", () => {
  addKeyToFile(file);
  writeFileSync(file, "swordfish\n");
  for (const env of [{}, { TUTTI_ENCRYPTION_KEY: "swordfish" }, { TUTTI_ENCRYPTION_KEY: "," }])
    try {
      read(env);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: "BAD_ENCRYPTION_KEY" });
      expect((error as Error).message).not.toContain("swordfish");
    }
  expect(readFileSync(file, "utf8")).toBe("swordfish\n");
});
