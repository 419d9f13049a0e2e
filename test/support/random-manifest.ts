import fc from "fast-check";
import type { GroupManifest, Source, TaskManifest, WorkflowManifest } from "../../src/core/manifest.ts";
import type { RetryPolicy } from "../../src/core/retry-policy.ts";
import { TRIGGER_RULES } from "../../src/core/trigger-rule.ts";
import { encodeValue } from "../../src/core/value-codec.ts";
import { plainTask } from "../../src/testing/store-samples.ts";

/** Random graphs with everything in them: every rule, plain and soft refs, branches, maps over lists and over mapped tasks, groups with elements and retries. */
export const randomManifest = (size: number): fc.Arbitrary<WorkflowManifest> =>
  fc
    .array(fc.array(fc.nat(1000), { minLength: 14, maxLength: 14 }), { minLength: 1, maxLength: size })
    .map(buildManifest);

function buildManifest(dice: readonly (readonly number[])[]): WorkflowManifest {
  const group = groupRange(dice);
  const groups: GroupManifest[] = group ? [group.manifest] : [];
  const tasks: TaskManifest[] = [];
  const inGroup = (t: number) => group !== null && t >= group.from && t <= group.to;
  const grouped = group?.manifest.each !== null;
  const mapped = (t: number) => tasks[t]?.map !== null || (inGroup(t) && grouped);
  const arms = new Map<number, Record<string, number[]>>();
  dice.forEach((roll, ordinal) => {
    const next = roller(roll);
    const earlier = (): number | null => (ordinal === 0 ? null : next() % ordinal);
    const fields: Record<string, Source> = {};
    const after = new Set<number>();
    for (let edges = next() % 4; edges > 0; edges--) {
      const from = earlier();
      if (from === null) break;
      const output: Source = { kind: "output", task: from, path: [] };
      const other: Source = { kind: "output", task: earlier() ?? from, path: [] };
      const kind = next() % 7;
      if (kind <= 2) after.add(from);
      else if (kind <= 4) fields[`f${edges}`] = output;
      else if (kind === 5)
        fields[`f${edges}`] = mapped(from) ? { kind: "settled", task: from } : { kind: "maybe", of: output };
      else fields[`f${edges}`] = { kind: "firstOf", of: [output, other] };
    }
    if (inGroup(ordinal) && grouped && next() % 2) fields.element = { kind: "element", group: 0, path: [] };
    const map = !inGroup(ordinal) || !grouped ? randomMap(next, earlier, inGroup, mapped) : null;
    const branch = earlier();
    if (
      branch !== null &&
      next() % 4 === 0 &&
      tasks[branch]?.kind === "branch" &&
      (!grouped || inGroup(branch) === inGroup(ordinal))
    ) {
      const of = arms.get(branch) ?? {};
      const key = next() % 2 ? "left" : "right";
      of[key] = [...(of[key] ?? []), ordinal];
      arms.set(branch, of);
      after.add(branch);
    }
    tasks.push({
      ...plainTask(`t${ordinal}`),
      kind: map === null && next() % 4 === 0 ? "branch" : "task",
      input: { kind: "object", fields },
      map,
      group: inGroup(ordinal) ? 0 : null,
      after: [...after],
      rule: next() % 3 ? "all_success" : (TRIGGER_RULES[next() % TRIGGER_RULES.length] ?? "all_success"),
      retries: next() % 3 ? null : policy(1),
      allowFailure: next() % 8 === 0,
    });
  });
  const armed = tasks.map((task, t) => (task.kind === "branch" ? { ...task, arms: arms.get(t) ?? {} } : task));
  return {
    name: "random",
    kind: "dag",
    description: null,
    tags: [],
    schedules: [],
    start: null,
    end: null,
    params: null,
    tasks: armed,
    groups,
    picks: 0,
    connections: [],
  };
}

function randomMap(
  next: () => number,
  earlier: () => number | null,
  inGroup: (t: number) => boolean,
  mapped: (t: number) => boolean,
): TaskManifest["map"] {
  if (next() % 3) return null;
  const list = (): Source => {
    const from = earlier();
    if (from === null || next() % 3 === 0)
      return { kind: "literal", value: encodeValue(Array.from({ length: next() % 4 }, (_, i) => i)) };
    if (mapped(from) && next() % 4 === 0) return { kind: "settled", task: from };
    return { kind: "output", task: from, path: [] };
  };
  const lists =
    next() % 2
      ? [{ key: "a", list: list() }]
      : [
          { key: "a", list: list() },
          { key: "b", list: list() },
        ];
  return { kind: next() % 3 ? "product" : "zip", lists };
}

function groupRange(
  dice: readonly (readonly number[])[],
): { from: number; to: number; manifest: GroupManifest } | null {
  const [kind = 0, start = 0, length = 0, list = 0] = dice[0] ?? [];
  if (kind % 3 === 0) return null;
  const from = start % dice.length;
  const to = Math.min(dice.length - 1, from + (length % 4));
  const literal: Source = { kind: "literal", value: encodeValue(Array.from({ length: list % 4 }, (_, i) => i)) };
  const each: Source | null =
    kind % 3 === 1 ? null : from > 0 && list % 2 ? { kind: "output", task: list % from, path: [] } : literal;
  return { from, to, manifest: { name: "group", parent: null, each, retries: kind % 2 ? policy(2) : null } };
}

const policy = (limit: number): RetryPolicy => ({
  limit,
  backoff: "fixed",
  delayMs: 1000,
  maxDelayMs: 1000,
  jitter: "none",
  on: [],
});

function roller(roll: readonly number[]): () => number {
  let at = 0;
  let mixed = 7;
  return () => {
    mixed = (Math.imul(mixed, 31) + (roll[at++ % roll.length] ?? 0) + at) >>> 0;
    return ((mixed ^ (mixed >>> 7)) >>> 0) % 1009;
  };
}
