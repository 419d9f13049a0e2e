import { describe, expect, test } from "vitest";
import { dag, group, type Placed, task } from "../../src/index.ts";
import { ruleVerdict, TRIGGER_RULES, type TriggerRule } from "../../src/core/trigger-rule.ts";
import { simulate, type SimulatedOutcome } from "../../src/testing/simulate.ts";
import { sharedCases } from "../support/shared-cases.ts";

interface Counts {
  readonly success: number;
  readonly skipped: number;
  readonly failed: number;
  readonly upstream_failed: number;
  readonly removed: number;
  readonly done: number;
}

interface RuleCase {
  readonly id: string;
  readonly rule: string;
  readonly upstream_total: number;
  readonly counts: Counts;
  readonly mapIndex: number;
  readonly flag_upstream_failed: boolean;
  readonly expect: { readonly runnable: boolean; readonly new_state: string | null };
  readonly synthetic_counts?: boolean;
  readonly wait_for_past_depends_before_skipping?: boolean;
  readonly past_depends_met?: boolean;
}

interface RuleFile {
  readonly unit_cases: readonly RuleCase[];
  readonly mapped_removed_cases: readonly RuleCase[];
  readonly dynamic_mapping_cases: readonly {
    readonly id: string;
    readonly steps?: readonly {
      readonly after: readonly unknown[];
      readonly schedulable: readonly (readonly [string, number])[];
    }[];
  }[];
  readonly setup_teardown_cases: readonly { readonly id: string }[];
}

const cases = sharedCases("trigger-rules.json") as unknown as Partial<RuleFile>;
const nothing = task("nothing", () => {});

/** Why a case is not checked; `null`: it is. */
function leftOut(c: RuleCase): string | null {
  if (!(TRIGGER_RULES as readonly string[]).includes(c.rule))
    return "rules of setup and teardown tasks: here a resource is counted by no rule";
  if (c.wait_for_past_depends_before_skipping) return "wait_for_past_depends_before_skipping";
  if (c.expect.new_state === "removed")
    return "a task that looks at its own map index: here elements that are no more are removed when the list is read";
  return null;
}

const sum = ({ success, skipped, failed, upstream_failed }: Counts): number =>
  success + skipped + failed + upstream_failed;

/** A graph whose upstream ends like this exists: the counters agree with each other. */
const isReal = (c: RuleCase): boolean =>
  c.mapIndex < 0 &&
  c.counts.removed === 0 &&
  c.counts.done === sum(c.counts) &&
  (c.upstream_total === 0 ? c.synthetic_counts !== true : c.upstream_total >= sum(c.counts));

/** The same counters as a graph: one task for each upstream, and the task under test after them all. */
function stateOf(rule: TriggerRule, counts: Counts, pending: number): unknown {
  // Filled while the body runs, which is when the graph is needed.
  const outcomes: Record<string, SimulatedOutcome> = { broken: "failed" };
  const workflow = dag("rules", {}, () => {
    const root = nothing.as("root")();
    const broken = nothing.as("broken")().after(root);
    const upstream: Placed[] = [];
    const add = (count: number, outcome: SimulatedOutcome) => {
      for (let i = 0; i < count; i++) {
        const name = `${outcome}_${i}`;
        outcomes[name] = outcome;
        upstream.push(nothing.as(name)().after(root));
      }
    };
    add(counts.success, "succeeded");
    add(counts.failed, "failed");
    add(counts.skipped, "skipped");
    add(pending, "pending");
    for (let i = 0; i < counts.upstream_failed; i++) upstream.push(nothing.as(`upstream_failed_${i}`)().after(broken));
    nothing.as("tested")().after(upstream).when(rule);
  });
  return simulate(workflow, { outcomes }).tasks.tested;
}

const expectedState = (c: RuleCase): string => c.expect.new_state ?? (c.expect.runnable ? "succeeded" : "waiting");

describe.skipIf(cases.unit_cases === undefined)("Airflow's trigger rules", () => {
  const all = [...(cases.unit_cases ?? []), ...(cases.mapped_removed_cases ?? [])];
  const checked = all.filter((c) => leftOut(c) === null);

  test("every case is checked, or left out for a reason that is printed", () => {
    const out = [
      ...all.flatMap((c) => (leftOut(c) === null ? [] : [`${c.id}: ${leftOut(c)}`])),
      ...(cases.setup_teardown_cases ?? []).map(({ id }) => `${id}: setup and teardown`),
    ];
    console.log(`trigger-rules.json: ${checked.length} cases checked, ${out.length} left out:\n  ${out.join("\n  ")}`);

    expect(checked.length).toBeGreaterThan(25);
  });

  test.each(checked.filter(isReal).map((c) => [c.id, c] as const))("simulate: %s", (_, c) => {
    const state = stateOf(c.rule as TriggerRule, c.counts, c.upstream_total - sum(c.counts));

    // Without the flag Airflow only asks whether the task may run, and writes no state.
    if (c.flag_upstream_failed || c.expect.runnable)
      expect(state).toBe(
        expectedState(
          c.flag_upstream_failed ? c : { ...c, expect: { runnable: true, new_state: stateWhenNotWritten(c) } },
        ),
      );
    else expect(state).not.toBe("succeeded");
  });

  test.each(checked.filter((c) => !isReal(c)).map((c) => [c.id, c] as const))(
    "counters: %s",
    (_, { rule, counts, upstream_total, expect: expected }) => {
      const { success: succeeded, failed, upstream_failed: upstreamFailed, skipped, removed, done } = counts;
      const total = Math.max(upstream_total, sum(counts) + removed) - removed;
      const found = ruleVerdict(rule as TriggerRule, {
        total,
        succeeded,
        failed,
        upstreamFailed,
        skipped,
        ended: Math.max(done - removed, 0),
      });

      expect(found === "run").toBe(expected.runnable);
      if (expected.new_state !== null) expect(found).toBe(expected.new_state);
    },
  );

  /** `none_failed_min_one_success` over skipped upstreams alone: Airflow's check passes, and its scheduler skips all the same. */
  const stateWhenNotWritten = (c: RuleCase): string | null =>
    c.rule === "none_failed_min_one_success" && c.counts.success === 0 ? "skipped" : null;
});

describe.skipIf(cases.dynamic_mapping_cases === undefined)("Airflow's mapped groups", () => {
  const found = (id: string) => cases.dynamic_mapping_cases?.find((c) => c.id === id)?.steps ?? [];
  const pass = task("pass", ({ x }: { x: unknown }) => x);

  test("upstream_in_mapped_group_triggers_only_relevant", () => {
    const workflow = dag("mapped_groups", {}, () => {
      const first = group.each("tg1", [1, 2, 3], (x) => pass.as("t2")({ x: pass.as("t1")({ x }) }));
      const second = group.each("tg2", [4, 5, 6], (x) => pass.as("t3")({ x: [x, first.out] }));
      pass.as("t4")({ x: second.out });
    });
    const ended = new Set<string>();

    for (const { after, schedulable } of found("upstream_in_mapped_group_triggers_only_relevant")) {
      for (const [name, index] of after as [string, number][]) ended.add(`${name.split(".").at(-1)}[${index}]`);
      const outcomes = Object.fromEntries(
        ["t1", "t2", "t3", "t4"].map((name) => [
          name,
          [0, 1, 2].map((i): SimulatedOutcome => (ended.has(`${name}[${i}]`) ? "succeeded" : "pending")),
        ]),
      );
      const { tasks } = simulate(workflow, { outcomes });
      const running = Object.entries(tasks).flatMap(([name, states]) =>
        [states]
          .flat()
          .flatMap((state, i) => (state === "running" ? [`${name}[${Array.isArray(states) ? i : -1}]`] : [])),
      );

      expect(running.sort()).toEqual(schedulable.map(([name, index]) => `${name.split(".").at(-1)}[${index}]`).sort());
    }
  });

  test("mapped_group_empty_list", () => {
    const workflow = dag("empty_group", {}, () => {
      const each = group.each("tg", [] as number[], (x) => pass.as("t2")({ x: pass.as("t1")({ x }) }));
      pass.as("t3")({ x: each.out });
    });

    expect(simulate(workflow)).toEqual({ run: "succeeded", tasks: { t1: "skipped", t2: "skipped", t3: "skipped" } });
  });
});

describe("trigger rules", () => {
  test.each(TRIGGER_RULES)("%s runs a task that has no upstream", (rule) => {
    const workflow = dag("alone", {}, () => {
      nothing().when(rule);
    });

    expect(simulate(workflow).tasks.nothing).toBe("succeeded");
  });

  test("always does not wait for what is still running", () => {
    expect(stateOf("always", NONE, 2)).toBe("succeeded");
  });

  test("all_done_min_one_success runs whatever was skipped: the departure from Airflow", () => {
    expect(stateOf("all_done_min_one_success", { ...NONE, success: 1, skipped: 3 }, 0)).toBe("succeeded");
    expect(stateOf("all_done_min_one_success", { ...NONE, skipped: 3 }, 0)).toBe("skipped");
    expect(stateOf("all_done_min_one_success", { ...NONE, failed: 2 }, 0)).toBe("upstream_failed");
  });

  test("all_success does not skip while a failure could still come: the outcome must not depend on who is faster", () => {
    expect(stateOf("all_success", { ...NONE, skipped: 1 }, 1)).toBe("waiting");
    expect(stateOf("all_success", { ...NONE, skipped: 1, failed: 1 }, 1)).toBe("upstream_failed");
    expect(stateOf("all_success", { ...NONE, skipped: 1, success: 1 }, 0)).toBe("skipped");
  });
});

const NONE: Counts = { success: 0, skipped: 0, failed: 0, upstream_failed: 0, removed: 0, done: 0 };
