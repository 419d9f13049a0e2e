import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { build, type Plugin } from "esbuild";
import { describe, expect, test } from "vitest";
import { encodeValue } from "../../core/value-codec.ts";
import { Hosted, manifest, run, version } from "./fixtures/hosted.ts";
import { tempFolder } from "../../testing/temp-folder.test-data.ts";

test("a task runs in a child and its value comes back", async () => {
  await using hosted = new Hosted();
  const id = hosted.start("echo", { value: { day: new Date(0), n: 1n } });
  expect(await hosted.value(id)).toEqual({ day: new Date(0), n: 1n });
});

test("a task sees its run, its window, its params and its key", async () => {
  await using hosted = new Hosted();
  const id = hosted.start("reports", {}, { attempt: 2, mapIndex: 3 });
  expect(await hosted.value(id)).toEqual({
    params: { region: "emea" },
    workflow: { name: "tasks", version: version.hash },
    name: "reports",
    runInfo: { id: "run1", generation: 1, trigger: "manual", backfill: null },
    interval: { start: new Date(0), end: new Date(86_400_000) },
    date: "1970-01-01",
    attempt: 2,
    mapIndex: 3,
    idempotencyKey: `key-${id}`,
  });
  expect(hosted.progressed).toEqual([[id, 1, 1, 2, "half"]]);
});

test("drawers answer from the engine", async () => {
  await using hosted = new Hosted();
  const id = hosted.start("remembers");
  expect(await hosted.value(id)).toEqual({ count: 1, seen: new Date(0) });
  expect([...hosted.drawers.keys()]).toEqual([`state ${id} count`, `memory ${id} seen`]);
});

describe("what a task throws", () => {
  test("names its class, its message and the first retry rule that matches", async () => {
    await using hosted = new Hosted();
    const outcomes = await Promise.all(
      ["code", "type", "odd", "plain", "later"].map((how) => hosted.outcome(hosted.start("fails", { how }))),
    );
    expect(outcomes).toMatchObject([
      { state: "failed", rule: 0, final: false, error: { code: "NOPE" } },
      { state: "failed", rule: 1, error: { name: "TypeError", message: "wrong type" } },
      { state: "failed", rule: 2 },
      { state: "failed", rule: null, retryAfterMs: null },
      { state: "failed", retryAfterMs: 300_000 },
    ]);
  });

  test("has a stack that points into the user's file", async () => {
    await using hosted = new Hosted();
    const error = await hosted.error(hosted.start("fails", { how: "plain" }));
    expect(error.stack).toMatch(/fixtures\/pipeline\.ts/);
  });

  test("has a stack of the user's lines also when the code is a bundle", async () => {
    const folder = tempFolder("bundle");
    const file = join(folder, `${"ab".repeat(16)}.mjs`);
    const bundled = {
      entryPoints: [version.file],
      outfile: file,
      bundle: true,
      minify: true,
      sourcemap: true,
    };
    // This package stays outside, as the loader leaves it; the fixture reaches for a file of it that no user does.
    const path = new URL("../../authoring/connection.ts", import.meta.url).href;
    const own: Plugin = {
      name: "own",
      setup: (made) => made.onResolve({ filter: /authoring/ }, () => ({ path, external: true })),
    };
    await build({ ...bundled, format: "esm", platform: "node", external: ["tutti"], plugins: [own] });
    await using hosted = new Hosted();
    hosted.host.openRun({ ...run, runId: "bundled", version: { ...version, hash: "b".repeat(32), file } });
    const error = await hosted.error(hosted.start("fails", { how: "type" }, { runId: "bundled" }));
    const source = readFileSync(version.file, "utf8").split("\n");
    const line = source.findIndex((text) => text.includes("new TypeError")) + 1;
    expect(error.stack).toContain(`fixtures/pipeline.ts:${line}`);
  });

  test("skips with its reason", async () => {
    await using hosted = new Hosted();
    expect(await hosted.outcome(hosted.start("skips"))).toEqual({ state: "skipped", reason: "nothing to do" });
  });

  test("a rejection nobody handles fails its own task and not its siblings", async () => {
    await using hosted = new Hosted();
    const [sibling, culprit] = hosted.startAll([["wait", { ms: 300 }], ["rejects"]]) as [number, number];
    expect(await hosted.error(culprit)).toMatchObject({ message: "nobody listens" });
    expect(await hosted.outcome(sibling)).toMatchObject({ state: "succeeded" });
  });

  test("a throw in a callback fails its own task and not its siblings", async () => {
    await using hosted = new Hosted();
    const [sibling, culprit] = hosted.startAll([["wait", { ms: 300 }], ["throws_later"]]) as [number, number];
    expect(await hosted.error(culprit)).toMatchObject({ message: "in a callback" });
    expect(await hosted.outcome(sibling)).toMatchObject({ state: "succeeded" });
  });
});

describe("what tasks print", () => {
  test("becomes lines of the right task, in order, with levels", async () => {
    await using hosted = new Hosted();
    const ids = hosted.startAll(["a", "b", "c"].map((name) => ["prints", { name }] as const));
    await Promise.all(ids.map((id) => hosted.value(id)));
    for (const [place, name] of ["a", "b", "c"].entries()) {
      expect(hosted.messages(ids[place]!)).toEqual([1, 2, 3, 4, 5, 6, 7].map((n) => `${name} ${n}`));
    }
    const levels = hosted.lines.filter((line) => line.taskRunId === ids[0]).map(({ level, source }) => [level, source]);
    expect(levels).toEqual([
      ["info", "stdout"],
      ["info", "stdout"],
      ["error", "stderr"],
      ["info", "log"],
      ["warn", "stderr"],
      ["debug", "stdout"],
      ["info", "stdout"],
    ]);
    expect(hosted.lines.find((line) => line.source === "log")?.fields).toEqual({ name: "a" });
  });

  test("is cut at the limit of a line, and says so", async () => {
    await using hosted = new Hosted({ logLineLength: 100 });
    const id = hosted.start("chatter", { lines: 1, length: 350 });
    await hosted.value(id);
    expect(hosted.messages(id)).toEqual([`${"x".repeat(100)} … [250 more characters cut]`]);
  });

  test("is dropped past the limit of an attempt, loudly", async () => {
    await using hosted = new Hosted({ logAttemptBytes: 1_000 });
    const id = hosted.start("chatter", { lines: 50, length: 100 });
    await hosted.value(id);
    const messages = hosted.messages(id);
    expect(messages).toHaveLength(12);
    expect(messages[10]).toMatch(/reached its limit of 1000 bytes/);
    expect(messages[11]).toMatch(/40 more lines \(4000 bytes\)/);
  });

  test("of 100 MB in one line leaves the host standing", async () => {
    await using hosted = new Hosted();
    const id = hosted.start("chatter", { lines: 1, length: 100_000_000 });
    await hosted.value(id);
    expect(hosted.messages(id)[0]?.length).toBeLessThan(20_000);
  });

  test("never shows a secret, nor does an error", async () => {
    await using hosted = new Hosted({
      values: async ({ kind, names }) => ({
        values: Object.fromEntries(
          names.map((name) => [name, kind === "connection" ? "postgres://me:hunter22@db/orders" : "swordfish"]),
        ),
        problems: {},
      }),
      secrets: ["nobody listens"],
    });
    const id = hosted.start("connects", { name: "orders" });
    expect(await hosted.value(id)).toBe("postgres://me:hunter22@db/orders");
    expect(hosted.messages(id).join()).not.toContain("hunter22");
    const asked = hosted.start("asks_secret", { name: "api-key" });
    expect(await hosted.value(asked)).toBe(9);
    expect(hosted.messages(asked)).toEqual(["it is ***"]);
    expect(await hosted.error(hosted.start("asks_secret", { name: "other" }))).toMatchObject({
      code: "SECRET_NOT_DECLARED",
    });
    expect((await hosted.error(hosted.start("rejects"))).message).toBe("***");
  });
});

describe("values", () => {
  test("that are large rest as a frame, of which each element can be read alone", async () => {
    await using hosted = new Hosted();
    const outcome = await hosted.outcome(hosted.start("big", { rows: 1_000, text: 1_000 }));
    expect(outcome).toMatchObject({
      state: "succeeded",
      output: { kind: "frame" },
      lists: { '["rows"]': { length: 1_000 }, "pick:0": { length: 500, value: { kind: "inline" } } },
    });
    const { uri } = (outcome as { output: { uri: string } }).output;
    const id = hosted.start(
      "mapped",
      {},
      { mapIndex: 7, values: { "map:row": { kind: "frame", uri, path: ["rows", 7] } } },
    );
    expect(await hosted.value(id)).toBe("row 7");
  });

  test("of 100 MB are refused, with what to do instead", async () => {
    await using hosted = new Hosted();
    const error = await hosted.error(hosted.start("big", { rows: 100, text: 1_000_000 }));
    expect(error).toMatchObject({
      code: "VALUE_TOO_LARGE",
      message: expect.stringMatching(/"big"[\s\S]*ctx\.artifact/),
    });
  });

  test("that are functions are refused with the task's name and the path", async () => {
    await using hosted = new Hosted();
    const error = await hosted.error(hosted.start("returns_function"));
    expect(error).toMatchObject({
      code: "VALUE_NOT_SERIALIZABLE",
      message: expect.stringMatching(/returns_function[\s\S]*rows\[0\]\.callback/),
    });
  });

  test("that many tasks share travel once", async () => {
    await using hosted = new Hosted();
    hosted.host.share(run.runId, "s", encodeValue("all of it"));
    const source = manifest.tasks.findIndex((task) => task.name === "trivial_2");
    const values = { [`out:${source}`]: { kind: "shared", key: "s" } } as const;
    const ids = hosted.startAll([
      ["echo", {}, { values }],
      ["echo", {}, { values }],
    ]);
    expect(await Promise.all(ids.map((id) => hosted.value(id)))).toEqual(["all of it", "all of it"]);
  });

  test("that are artifacts can be read by the next task, and those of a failure are gone", async () => {
    await using hosted = new Hosted();
    const written = await hosted.outcome(hosted.start("writes"));
    const { text } = (written as { output: { text: string } }).output;
    const source = manifest.tasks.findIndex((task) => task.name === "writes");
    const read = hosted.start("reads", {}, { values: { [`out:${source}`]: { kind: "text", text } } });
    expect(await hosted.value(read)).toEqual({ rows: [{ id: 1 }, { id: 2 }], bytes: new Uint8Array([1, 2, 3]) });
    const failed = hosted.start("writes_and_fails");
    await hosted.error(failed);
    expect(readdirSync(join(hosted.artifactsDir, run.runId))).toEqual(["1-1"]);
  });
});

describe("what a child may see", () => {
  test("is an allow-list of the environment", async () => {
    process.env["TUTTI_CONNECTION_ORDERS"] = "secret";
    process.env["AWS_SECRET_ACCESS_KEY"] = "secret";
    await using hosted = new Hosted({ env: { EXTRA: "yes" } });
    const env = (await hosted.value(hosted.start("environment"))) as Record<string, string>;
    expect(env).toMatchObject({ PATH: process.env["PATH"], EXTRA: "yes" });
    expect(Object.values(env)).not.toContain("secret");
  });

  test("are the connections that a task declares, and that are configured", async () => {
    await using hosted = new Hosted();
    const [orders, warehouse] = hosted.startAll([
      ["connects", { name: "orders" }],
      ["connects", { name: "warehouse" }],
    ]) as [number, number];
    expect(await hosted.error(orders)).toMatchObject({
      code: "CONNECTION_NOT_CONFIGURED",
      message: expect.stringContaining("TUTTI_CONNECTION_ORDERS"),
    });
    expect(await hosted.error(warehouse)).toMatchObject({
      code: "CONNECTION_NOT_DECLARED",
      message: expect.stringContaining('"connects"'),
    });
  });
});

describe("code", () => {
  test("that yields another graph is refused", async () => {
    await using hosted = new Hosted();
    hosted.host.openRun({
      ...run,
      runId: "run2",
      version: { ...version, hash: "f".repeat(32), manifestHash: "other" },
    });
    const outcome = await hosted.outcome(hosted.start("trivial", {}, { runId: "run2" }));
    expect(outcome).toMatchObject({ state: "failed", final: true, error: { code: "VERSION_DIFFERS" } });
  });

  test("that is not there fails the task by name, and the child goes on", async () => {
    await using hosted = new Hosted();
    hosted.host.openRun({
      ...run,
      runId: "run3",
      version: { ...version, hash: "e".repeat(32), file: "/nowhere/at-all.mjs" },
    });
    expect(await hosted.error(hosted.start("trivial", {}, { runId: "run3" }))).toMatchObject({
      code: "CODE_NOT_LOADED",
    });
    expect(await hosted.value(hosted.start("echo", { value: 1 }))).toBe(1);
  });

  test("that has no such workflow says which it has", async () => {
    await using hosted = new Hosted();
    const parsed = await hosted.host.parseParams({ ...version, hash: "d".repeat(32), workflow: "other" }, null);
    expect(parsed).toMatchObject({
      ok: false,
      error: { code: "WORKFLOW_NOT_IN_CODE", message: expect.stringContaining('"tasks"') },
    });
  });

  test("without a schema leaves params as they are", async () => {
    await using hosted = new Hosted();
    expect(await hosted.host.parseParams(version, encodeValue({ a: 1 }))).toEqual({
      ok: true,
      params: encodeValue({ a: 1 }),
      lists: null,
    });
  });
});
