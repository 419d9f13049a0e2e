import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { branch, dag, FailWithoutRetry, pick, RetryAfter, task, type Context } from "tutti";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { build } from "../authoring/build.ts";
import { compileGraph } from "../core/graph.ts";
import { decodeValue, encodeValue } from "../core/value-codec.ts";
import { callAt } from "./call-at.ts";
import { Attempt } from "./attempt.ts";
import { LOG_LIMITS } from "./attempt-log.ts";
import type { LoadedVersion } from "./code.ts";
import { tempFolder } from "../testing/temp-folder.test-data.ts";
import { execute } from "./executor.ts";
import { parseParams } from "./params.ts";
import type { Assignment, Outcome } from "./protocol.ts";

const info = { hash: "h", file: "", workflow: "w", manifestHash: "" };

function load(workflow: Parameters<typeof build>[0]): LoadedVersion {
  const built = build(workflow);
  return { info, built, graph: compileGraph(built.manifest), connections: {} };
}

function attemptAt(version: LoadedVersion, name: string, values: Assignment["values"] = {}) {
  const artifactsDir = tempFolder("executor");
  const at = version.built.manifest.tasks.findIndex((each) => each.name === name);
  const attempt = new Attempt(
    {
      runId: "r",
      version: info,
      params: null,
      interval: { start: 0, end: 0 },
      date: "",
      trigger: "manual",
      generation: 1,
      backfill: null,
    },
    {
      taskRunId: 1,
      claim: 1,
      runId: "r",
      task: at,
      mapIndex: null,
      attempt: 1,
      idempotencyKey: "",
      isolation: "shared",
      timeoutMs: null,
      wait: null,
      values,
    },
    0,
    {
      at: callAt,
      defer: null,
      wake: () => {},
      now: () => 0,
      log: () => {},
      progress: () => {},
      drawer: async () => null,
      secret: async () => null,
      tracing: false,
      shared: () => "",
      artifactsDir,
      logLimits: LOG_LIMITS,
      inlineBytes: 100,
      maxValueBytes: 1_000,
    },
  );
  return { attempt, artifactsDir };
}

const outcomeOf = (version: LoadedVersion, name: string, values?: Assignment["values"]): Promise<Outcome> =>
  new Promise((resolve) => execute(attemptAt(version, name, values).attempt, version, resolve));

describe("a branch", () => {
  const one = task("one", () => 1);
  const version = (chosen: unknown) =>
    load(
      dag("w", {}, () => {
        const choose = branch("choose", () => chosen as "a");
        choose().to({ a: one() });
      }),
    );

  test.each([
    ["a", ["a"]],
    [["a", "a"], ["a"]],
    [null, []],
    [[], []],
  ])("that returns %j takes the arms %j", async (chosen, arms) => {
    expect(await outcomeOf(version(chosen), "choose")).toMatchObject({ state: "succeeded", output: null, arms });
  });

  test.each(["b", 7, ["a", "b"]])("that returns %j fails, with the arms it has", async (chosen) => {
    expect(await outcomeOf(version(chosen), "choose")).toMatchObject({
      state: "failed",
      error: { code: "BRANCH_UNKNOWN_ARM", message: expect.stringMatching(/"choose".*"a"/) },
    });
  });
});

describe("lists that are mapped over", () => {
  const each = task("each", ({ item }: { item: unknown }) => item);
  const version = (value: unknown) =>
    load(
      dag("w", {}, () => {
        const made = task("made", () => value as { rows: number[] })();
        each.map({ item: made.rows });
        each.map({ item: pick(made, ({ rows }) => rows.filter((row) => row > 1)) });
      }),
    );

  test("are reported with their lengths, those of a pick with the list", async () => {
    const outcome = await outcomeOf(version({ rows: [1, 2, 3] }), "made");
    expect(outcome).toMatchObject({
      lists: {
        '["rows"]': { length: 3 },
        "pick:0": { length: 2, value: { kind: "inline", text: encodeValue([2, 3]) } },
      },
    });
  });

  test("that are none are reported as that, and the task that made them succeeds", async () => {
    const outcome = await outcomeOf(version({ rows: "abc" }), "made");
    expect(outcome).toMatchObject({
      state: "succeeded",
      lists: {
        '["rows"]': { error: { code: "NOT_A_LIST", message: expect.stringContaining('"rows"') } },
        "pick:0": { error: { code: "PICK_FAILED" } },
      },
    });
  });
});

describe("an output", () => {
  const version = load(
    dag("w", {}, () => {
      task("nothing", () => {})();
      task("large", () => ({ rows: Array.from({ length: 30 }, (_, i) => i) }))();
      task("too_large", () => Array.from({ length: 1_000 }, (_, i) => i))();
    }),
  );

  test("of nothing is a value, too", async () => {
    const outcome = await outcomeOf(version, "nothing");
    expect(
      outcome.state === "succeeded" && outcome.output?.kind === "inline" && decodeValue(outcome.output.text),
    ).toBeUndefined();
  });

  test("above the limit for rows goes to the artifact store, whole and named by its claim", async () => {
    const { attempt, artifactsDir } = attemptAt(version, "large");
    const outcome = await new Promise<Outcome>((resolve) => execute(attempt, version, resolve));
    expect(outcome).toMatchObject({ output: { kind: "frame", uri: "artifact:r/1-1/.output" } });
    expect(readdirSync(join(artifactsDir, "r/1-1"))).toEqual([".output"]);
    expect(readFileSync(join(artifactsDir, "r/1-1/.output")).length).toBe(
      outcome.state === "succeeded" && outcome.output?.kind === "frame" ? outcome.output.bytes : 0,
    );
  });

  test("above the limit for values is refused", async () => {
    expect(await outcomeOf(version, "too_large")).toMatchObject({
      state: "failed",
      error: { code: "VALUE_TOO_LARGE" },
    });
  });
});

describe("what is thrown", () => {
  class HttpError extends Error {}
  class NotFound extends HttpError {}
  const version = load(
    dag("w", {}, () => {
      const retries = {
        limit: 1,
        on: [
          { error: "E1" },
          { error: "HttpError" },
          { error: RangeError },
          { error: (error: Error) => error.cause === "odd" },
        ],
      };
      const thrower = (name: string, thrown: unknown) =>
        task(name, { retries }, () => {
          throw thrown;
        })();
      thrower("code", Object.assign(new Error("a"), { code: "E1" }));
      thrower("name_above", new NotFound("a"));
      thrower("class", new RangeError("a"));
      thrower("asked", new Error("a", { cause: "odd" }));
      thrower("none", new Error("a"));
      thrower("string", "just text");
      thrower("final", new FailWithoutRetry("a"));
      thrower("after", new RetryAfter("2s"));
    }),
  );

  test.each([
    ["code", { rule: 0 }],
    ["name_above", { rule: 1 }],
    ["class", { rule: 2 }],
    ["asked", { rule: 3 }],
    ["none", { rule: null, final: false }],
    ["string", { rule: null, error: { message: expect.stringContaining("just text") } }],
    ["final", { final: true }],
    ["after", { retryAfterMs: 2_000 }],
  ])("by %s is told with %j", async (name, expected) => {
    expect(await outcomeOf(version, name)).toMatchObject({ state: "failed", ...expected });
  });
});

test("artifacts keep to their folder and their names", async () => {
  const names = ["../up", "a/b", "", ".hidden", "..", "x".repeat(201), "nul\0"];
  const version = load(
    dag("w", {}, () => {
      task("writes", async (_: void, ctx: Context) => {
        const codes: string[] = [];
        for (const name of names)
          codes.push(
            await Promise.resolve()
              .then(() => ctx.artifact(name))
              .then(
                () => "taken",
                (error: { code: string }) => error.code,
              ),
          );
        await ctx.artifact("once").write([{ a: 1 }]);
        codes.push(
          await ctx
            .artifact("once")
            .write([])
            .then(
              () => "taken",
              (error: { code: string }) => error.code,
            ),
        );
        codes.push(
          await ctx
            .artifact("rows")
            .write([1] as never)
            .then(
              () => "taken",
              (error: { code: string }) => error.code,
            ),
        );
        return codes;
      })();
    }),
  );
  const { attempt, artifactsDir } = attemptAt(version, "writes");
  const outcome = await new Promise<Outcome>((resolve) => execute(attempt, version, resolve));
  expect(
    outcome.state === "succeeded" && outcome.output?.kind === "inline" ? decodeValue(outcome.output.text) : outcome,
  ).toEqual([...names.map(() => "BAD_NAME"), "ARTIFACT_EXISTS", "BAD_ARTIFACT"]);
  expect(readdirSync(join(artifactsDir, "r/1-1"))).toEqual(["once"]);
});

describe("params", () => {
  const each = task("each", ({ store }: { store: string }) => store);
  const schema = z.object({ stores: z.array(z.string()).default(["a", "b"]), day: z.iso.date().optional() });
  const version = load(dag("w", { params: schema }, ({ params }) => void each.map({ store: params.stores })));

  test("are parsed by the schema, and the lists in them are reported", async () => {
    expect(await parseParams(version, null)).toEqual({
      ok: true,
      params: encodeValue({ stores: ["a", "b"] }),
      lists: { '["stores"]': { length: 2 } },
    });
  });

  test("that the schema refuses come back with every issue and its place", async () => {
    const parsed = await parseParams(version, encodeValue({ stores: ["a", 1], day: "never" }));
    expect(parsed).toMatchObject({ ok: false, issues: [{ path: "stores[1]" }, { path: "day" }] });
  });

  test("whose schema throws come back with its error", async () => {
    const broken = load(
      dag(
        "w",
        {
          params: z.string().transform(() => {
            throw new Error("broken");
          }) as never,
        },
        () => void each({ store: "a" }),
      ),
    );
    expect(await parseParams(broken, encodeValue("x"))).toMatchObject({ ok: false, error: { message: "broken" } });
  });
});
