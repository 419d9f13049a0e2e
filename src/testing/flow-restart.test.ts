import { afterEach, expect, test } from "vitest";
import { flow } from "../authoring/flow.ts";
import { task } from "../authoring/task.ts";
import { closeStages, stage, turn } from "./restart-stage.test-data.ts";

afterEach(closeStages);

const begun: string[] = [];
const note = task("note", async ({ what }: { what: string }) => {
  begun.push(what);
  return what;
});
let isBroken = true;
const fragile = task("fragile", async ({ what }: { what: string }) => {
  begun.push(what);
  if (isBroken) throw new Error("it is broken");
  return what;
});

test("a body goes on after a restart, and what it has run is not run again", async () => {
  begun.length = 0;
  const { clock, start, version, window, states, sleeps } = await stage(
    flow("nightly", {}, async (_, ctx) => {
      const first = await Promise.all(["a", "b"].map((what) => ctx.run(note, { what })));
      await ctx.sleep("1h");
      return [...first, await ctx.run(note, { what: "c" })];
    }),
  );
  const before = start();
  const id = await before.submit({ version, window, trigger: "manual" });
  await sleeps(id);
  await before.close(0);
  const after = start();
  await clock.advance("1h");
  await after.resume(id);
  const ended = after.ended(id);
  // What is due when it goes on is due with the next turn of this clock.
  while ((await states(id))["nightly"] !== "succeeded") await clock.advance(1);
  expect(await ended).toBe("succeeded");
  expect(begun).toEqual(["a", "b", "c"]);
  expect(await states(id)).toEqual({
    nightly: "succeeded",
    "note[0]": "succeeded",
    "note[1]": "succeeded",
    "note[2]": "succeeded",
  });
});

test("a retry runs what failed again, and takes what has succeeded as it is; a fresh one begins from nothing", async () => {
  begun.length = 0;
  isBroken = true;
  const keys: string[] = [];
  const { start, store, version, window, states } = await stage(
    flow("mends", {}, async (_, ctx) => {
      keys.push(ctx.idempotencyKey);
      await ctx.step("once", () => void begun.push("step"));
      await ctx.run(note, { what: "a" });
      await ctx.run(fragile, { what: "x" }).catch(() => "caught");
      return ctx.run(fragile, { what: "y" });
    }),
  );
  const engine = start();
  const id = await engine.submit({ version, window, trigger: "manual" });
  expect(await engine.ended(id)).toBe("failed");
  expect(await states(id)).toEqual({
    mends: "failed",
    "note[0]": "succeeded",
    "fragile[0]": "failed",
    "fragile[1]": "failed",
  });
  isBroken = false;
  await engine.retry(id);
  expect(await engine.ended(id)).toBe("succeeded");
  // What it had got over it does not try again.
  expect(begun).toEqual(["step", "a", "x", "y", "y"]);
  expect((await states(id))["fragile[0]"]).toBe("failed");
  await engine.retry(id, { fresh: true });
  expect(await engine.ended(id)).toBe("succeeded");
  expect(begun).toEqual(["step", "a", "x", "y", "y", "step", "a", "x", "y"]);
  expect(Object.values(await states(id))).toEqual(Array(4).fill("succeeded"));
  expect(keys).toEqual([`${id}/mends`, `${id}/mends`, `${id}/mends~1`]);
  const detail = await store.reader().runDetail(id);
  expect(detail?.run.generation).toBe(3);
});

test("a fresh retry of a failed flow forgets what it had recorded", async () => {
  begun.length = 0;
  isBroken = true;
  const { start, version, window, states } = await stage(
    flow("forgets", {}, async (_, ctx) => {
      await ctx.step("once", () => void begun.push("step"));
      await ctx.run(note, { what: "a" });
      return ctx.run(fragile, { what: "y" });
    }),
  );
  const engine = start();
  const id = await engine.submit({ version, window, trigger: "manual" });
  expect(await engine.ended(id)).toBe("failed");
  isBroken = false;
  await engine.retry(id, { fresh: true });
  expect(await engine.ended(id)).toBe("succeeded");
  expect(begun).toEqual(["step", "a", "y", "step", "a", "y"]);
  expect(Object.values(await states(id))).toEqual(Array(3).fill("succeeded"));
});

test("a cancelled flow stops its tasks, and goes on with them when it is retried", async () => {
  begun.length = 0;
  let isOpen = false;
  const waits = task("waits", async (_: void, ctx) => {
    begun.push("waits");
    if (!isOpen) await new Promise((_resolve, reject) => ctx.signal.addEventListener("abort", reject));
    return "done";
  });
  const { start, version, window, states } = await stage(
    flow("stops", {}, async (_, ctx) => [await ctx.run(note, { what: "a" }), await ctx.run(waits)]),
  );
  const engine = start();
  const id = await engine.submit({ version, window, trigger: "manual" });
  while ((await states(id))["stops"] !== "deferred" || !begun.includes("waits")) await turn();
  await engine.cancel(id);
  expect(await engine.ended(id)).toBe("cancelled");
  expect(await states(id)).toEqual({ stops: "cancelled", "note[0]": "succeeded", "waits[0]": "cancelled" });
  isOpen = true;
  await engine.retry(id);
  expect(await engine.ended(id)).toBe("succeeded");
  expect(begun).toEqual(["a", "waits", "waits"]);
});

test("a body that asks in another order than it did before is told so", async () => {
  let order = ["a", "b"];
  const { clock, start, version, window, store, sleeps } = await stage(
    flow("changes", {}, async (_, ctx) => {
      for (const what of order) await ctx.run(note, { what });
      await ctx.sleep("1h");
    }),
  );
  const before = start();
  const id = await before.submit({ version, window, trigger: "manual" });
  await sleeps(id);
  await before.close(0);
  order = ["b", "a"];
  const after = start();
  await after.resume(id);
  await clock.advance("1h");
  expect(await after.ended(id)).toBe("failed");
  const detail = await store.reader().runDetail(id);
  expect(detail?.taskRuns.find(({ task: name }) => name === "changes")?.error).toMatchObject({
    code: "STEPS_CHANGED",
    message: expect.stringContaining(
      `Recorded: ctx.run(note, {"what":"a"}), ctx.run(note, {"what":"b"}), ctx.sleep of 3600000 ms. Asked for now: ctx.run(note, {"what":"b"})`,
    ) as string,
  });
});
