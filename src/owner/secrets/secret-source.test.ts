import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { TagLimit } from "../../core/role.ts";
import type { ValueAsk } from "../../engine/children/host-options.ts";
import { openSqliteStore } from "../../store/sqlite/open-sqlite-store.ts";
import type { SqliteStore } from "../../store/sqlite/sqlite-store.ts";
import type { SecretKind } from "../../store/secrets.ts";
import { sampleVersion } from "../../testing/store-samples.ts";
import { keepSecret } from "./keep-secret.ts";
import { type KeyRing, newKey } from "./key-ring.ts";
import { rotateSecrets } from "./rotate-secrets.ts";
import { SecretSource } from "./secret-source.ts";
import type { SecretPlace } from "../../loader/config-secrets.ts";

let folder = "";
let store: SqliteStore;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "tutti-secrets-"));
  store = await openSqliteStore({ path: ":memory:" });
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const ringOf = (...keys: KeyRing["keys"]): KeyRing => ({ keys, from: "a test", file: null });
const ring = ringOf(newKey());
const STORE: SecretPlace = { kind: "store" };

const keep = (kind: SecretKind, name: string, value: string, tags: TagLimit = null, by = ring) =>
  store.access.apply(keepSecret({ kind, name, value, tags, description: null }, by, { at: 1, by: "a test" }), null);

interface World {
  readonly places?: readonly SecretPlace[];
  readonly env?: NodeJS.ProcessEnv;
  readonly keys?: KeyRing | null;
  readonly now?: () => number;
}

const sourceOf = ({ places = [STORE], env = {}, keys = ring }: World = {}): SecretSource =>
  SecretSource.of({ connections: { orders: "duckdb:./orders.db" }, secrets: places }, { store, ring: () => keys }, env);

const ask = (kind: SecretKind, names: readonly string[], workflow: string | null = "sales"): ValueAsk => ({
  kind,
  names,
  workflow,
  task: null,
});
const values = async (source: SecretSource, ...asked: Parameters<typeof ask>) =>
  (await source.read(ask(...asked))).values;
const codes = async (source: SecretSource, ...asked: Parameters<typeof ask>) =>
  Object.entries((await source.read(ask(...asked))).problems).map(([name, { code }]) => `${name} ${code}`);

test("the worker's own environment comes first, then who the configuration names, in order", async () => {
  await keep("secret", "api-key", "of the store");
  await keep("secret", "other", "kept");
  await keep("connection", "orders", "postgres://kept");
  mkdirSync(join(folder, "connections"));
  writeFileSync(join(folder, "api-key"), "of the file\n");
  writeFileSync(join(folder, "connections", "lake"), "s3://lake");
  const places: readonly SecretPlace[] = [{ kind: "file", folder }, STORE];
  const env = { TUTTI_SECRET_API_KEY: "of the environment" };
  const names = ["api-key", "other", "nobody has it"];
  expect(await values(sourceOf({ env, places }), "secret", names)).toEqual({
    "api-key": "of the environment",
    other: "kept",
  });
  expect(await values(sourceOf({ places }), "secret", names)).toEqual({ "api-key": "of the file", other: "kept" });
  expect(await values(sourceOf(), "secret", names)).toEqual({ "api-key": "of the store", other: "kept" });
  expect(await values(sourceOf({ places }), "connection", ["orders", "lake"])).toEqual({
    orders: "duckdb:./orders.db",
    lake: "s3://lake",
  });
});

test("a name never leads out of the folder of secrets", async () => {
  writeFileSync(join(folder, "..", "tutti-outside"), "x");
  mkdirSync(join(folder, "in"));
  const source = sourceOf({ places: [{ kind: "file", folder: join(folder, "in") }] });
  expect(await source.read(ask("secret", ["../tutti-outside", "..", ".", "/etc/passwd", ""]))).toEqual({
    values: {},
    problems: {},
  });
  rmSync(join(folder, "..", "tutti-outside"));
});

test("a command is asked without a shell; what it prints is the value, and its failure is told without what it printed", async () => {
  const script = "process.stdout.write(process.argv[2] === 'secret' && process.argv[1] === 'a; b' ? 'found\\n' : '')";
  const command = (code: string): World => ({
    places: [{ kind: "command", command: [process.execPath, "-e", code, "{name}", "{kind}"] }, STORE],
  });
  await keep("secret", "kept", "of the store");
  expect(await values(sourceOf(command(script)), "secret", ["a; b", "kept"])).toEqual({
    "a; b": "found",
    kept: "of the store",
  });
  const failing = sourceOf(command("console.log('swordfish'); process.exit(3)"));
  const { problems } = await failing.read(ask("secret", ["kept"]));
  expect(problems["kept"]).toMatchObject({ code: "SECRET_PROVIDER_FAILED" });
  expect(JSON.stringify(problems)).not.toContain("swordfish");
  const missing: World = { places: [{ kind: "command", command: ["/no/such/program"] }] };
  expect(await codes(sourceOf(missing), "secret", ["kept"])).toEqual(["kept SECRET_PROVIDER_FAILED"]);
});

test("what is kept for a tag is given to deployed workflows with that tag only", async () => {
  const sample = sampleVersion("sales", ["a"]);
  await store.registerVersion({ ...sample, manifest: { ...sample.manifest, tags: ["finance"] }, latest: true });
  await store.registerVersion({ ...sampleVersion("ops", ["a"]), latest: true });
  await keep("secret", "bank", "s3cret", ["finance", "audit"]);
  expect(await values(sourceOf(), "secret", ["bank"], "sales")).toEqual({ bank: "s3cret" });
  for (const other of ["ops", "unknown", null]) {
    expect(await values(sourceOf(), "secret", ["bank"], other)).toEqual({});
    expect(await codes(sourceOf(), "secret", ["bank"], other)).toEqual(["bank SECRET_NOT_GRANTED"]);
  }
});

test("a key that is missing or wrong is said of what is kept, and of nothing else", async () => {
  await keep("secret", "kept", "x");
  const env = { TUTTI_SECRET_OWN: "mine" };
  const wrong = ringOf(newKey());
  for (const [keys, code] of [
    [null, "ENCRYPTION_KEY_MISSING"],
    [wrong, "ENCRYPTION_KEY_WRONG"],
  ] as const) {
    const source = sourceOf({ env, keys });
    expect(await codes(source, "secret", ["kept", "own"])).toEqual([`kept ${code}`]);
    expect(await values(source, "secret", ["kept", "own"])).toEqual({ own: "mine" });
  }
});

test("a value is good for a while, and what could not be had is asked for again", async () => {
  let now = 0;
  let answer: string | null = null;
  let asked = 0;
  const provider = {
    name: "a test",
    read: async () => {
      asked += 1;
      if (answer === null) throw new Error("not now");
      return { values: { a: answer }, problems: {} };
    },
  };
  const source = new SecretSource([provider], () => now);
  expect(await codes(source, "secret", ["a"])).toEqual(["a SECRET_PROVIDER_FAILED"]);
  answer = "one";
  expect(await values(source, "secret", ["a"])).toEqual({ a: "one" });
  answer = "two";
  expect(await values(source, "secret", ["a"])).toEqual({ a: "one" });
  now += 10_001;
  expect(await values(source, "secret", ["a"])).toEqual({ a: "two" });
  expect(asked).toBe(3);
});

test("a rotation puts everything under the new key, and begun again it does nothing", async () => {
  await keep("secret", "a", "one");
  await keep("connection", "b", "postgres://two");
  const next = newKey();
  const both = ringOf(next, ...ring.keys);
  const rotate = () =>
    rotateSecrets(store.secrets, both, async (change) => (await store.access.apply(change, null)).applied);
  expect((await rotate()).rewrapped.map(({ name }) => name)).toEqual(["b", "a"]);
  expect(await rotate()).toEqual({ rewrapped: [], kept: 2 });
  expect(await values(sourceOf({ keys: ringOf(next) }), "secret", ["a"])).toEqual({ a: "one" });
  expect(await codes(sourceOf(), "secret", ["a"])).toEqual(["a ENCRYPTION_KEY_WRONG"]);
  const lost = rotateSecrets(store.secrets, ringOf(newKey()), async () => expect.unreachable());
  await expect(lost).rejects.toMatchObject({ code: "ENCRYPTION_KEY_WRONG" });
});
