import { expect, test } from "vitest";
import { firstOf, maybe, settled } from "./absent.ts";
import { build } from "./build.ts";
import { dag } from "./dag.ts";
import { pick } from "./pick.ts";
import { task } from "./task.ts";

const one = task("one", async () => ({ n: 1 }));
const two = task("two", async () => ({ n: 2 }));
const double = task("double", async ({ n }: { n: number }) => n * 2);
const use = task("use", async (input: any) => input);

const built = (body: () => unknown) => build(dag("w", {}, () => void body()));
const valueOf = (make: () => unknown) => {
  const input = built(() => use({ value: make() })).manifest.tasks.at(-1)?.input;
  return input?.kind === "object" ? input.fields["value"] : undefined;
};

test("a property read of maybe or firstOf is read of what stands in them", () => {
  expect(valueOf(() => firstOf(one(), two()).n)).toEqual({
    kind: "firstOf",
    of: [
      { kind: "output", task: 0, path: ["n"] },
      { kind: "output", task: 1, path: ["n"] },
    ],
  });
  expect(valueOf(() => (maybe(one()) as any).n)).toEqual({
    kind: "maybe",
    of: { kind: "output", task: 0, path: ["n"] },
  });
});

test("a property read of a pick is read of what it gives, by own properties", () => {
  const { manifest, picks } = built(() => use({ value: (pick(one(), (value) => ({ deep: value })) as any).deep.n }));
  const input = manifest.tasks[1]?.input;
  const fn = input?.kind === "object" && input.fields["value"]?.kind === "pick" ? input.fields["value"].fn : -1;
  expect(picks[fn]?.({ n: 7 })).toBe(7);
});

test("settled takes mapped tasks only", () => {
  expect(valueOf(() => settled(double.map({ n: [1] })))).toEqual({ kind: "settled", task: 0 });
  expect(() => built(() => settled(one() as never))).toThrow(expect.objectContaining({ code: "NOT_MAPPED" }));
  expect(() => built(() => settled(settled(double.map({ n: [1] })) as never))).toThrow(
    expect.objectContaining({ code: "NOT_MAPPED" }),
  );
});

test("what is no ref is refused", () => {
  for (const misuse of [
    () => maybe(1 as never),
    () => firstOf(one(), null as never),
    () => (firstOf as () => unknown)(),
    () => pick({ n: 1 } as never, () => 1),
    () => settled([1] as never),
  ]) {
    expect(() => built(misuse)).toThrow(expect.objectContaining({ code: "NOT_A_REF" }));
  }
  expect(() => built(() => pick(one(), undefined as never))).toThrow(expect.objectContaining({ code: "BAD_BODY" }));
  expect(() => maybe(1 as never)).toThrow(expect.objectContaining({ code: "TASK_OUTSIDE_BODY" }));
});
