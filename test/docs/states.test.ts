import { expect, test } from "vitest";
import { RUN_STATES, RUN_TRANSITIONS } from "../../src/core/run-state.ts";
import { TASK_RUN_REOPENINGS, TASK_RUN_STATES, TASK_RUN_TRANSITIONS } from "../../src/core/task-run-state.ts";
import { ruleVerdict, TRIGGER_RULES } from "../../src/core/trigger-rule.ts";
import { expectGenerated, markdownTable } from "./generated-part.ts";
import { tableOf } from "./page.ts";

const LIFECYCLE = "docs/learn/lifecycle.md";
const RULES = "docs/learn/trigger-rules.md";

const code = (word: string): string => `\`${word}\``;
const list = (words: readonly string[]): string => words.map(code).join(", ");

test("the page on states has every state of a run and of a task run, in the order of the code", () => {
  expect(tableOf(LIFECYCLE, "run states").map(([state]) => state)).toEqual(RUN_STATES.map(code));
  expect(tableOf(LIFECYCLE, "task run states").map(([state]) => state)).toEqual(TASK_RUN_STATES.map(code));
});

test("its transitions are those of the code", () => {
  const rows = (table: Readonly<Record<string, readonly string[]>>) =>
    Object.entries(table).map(([from, to]) => [code(from), to.length === 0 ? "–" : list(to)]);
  expectGenerated(LIFECYCLE, "run transitions", markdownTable(["from", "to"], rows(RUN_TRANSITIONS)));
  expectGenerated(LIFECYCLE, "task run transitions", markdownTable(["from", "to"], rows(TASK_RUN_TRANSITIONS)));
  expectGenerated(LIFECYCLE, "re-openings", list(TASK_RUN_REOPENINGS));
  expectGenerated(LIFECYCLE, "diagram", diagram());
});

test("the page on trigger rules has all of them, and says what the code says", () => {
  expect(tableOf(RULES, "rules").map(([rule]) => rule)).toEqual(TRIGGER_RULES.map(code));
  const head = ["rule", ...Object.keys(UPSTREAMS)];
  const rows = TRIGGER_RULES.map((rule) => [
    code(rule),
    ...Object.values(UPSTREAMS).map((ends) => ruleVerdict(rule, counts(ends))),
  ]);
  expectGenerated(RULES, "verdicts", markdownTable(head, rows));
});

/** Without the arrows to `cancelled` and `removed`, which lead there from almost everywhere. */
function diagram(): string {
  const left = ["cancelled", "removed"];
  const arrows = Object.entries(TASK_RUN_TRANSITIONS).flatMap(([from, to]) =>
    left.includes(from) ? [] : to.filter((state) => !left.includes(state)).map((state) => `  ${from} --> ${state}`),
  );
  return ["```mermaid", "stateDiagram-v2", "  [*] --> waiting", ...arrows, "```"].join("\n");
}

type End = "succeeded" | "failed" | "skipped" | "upstreamFailed" | "open";

/** Two upstream tasks and how they ended. */
const UPSTREAMS: Readonly<Record<string, readonly End[]>> = {
  "both succeeded": ["succeeded", "succeeded"],
  "succeeded, failed": ["succeeded", "failed"],
  "succeeded, skipped": ["succeeded", "skipped"],
  "failed, skipped": ["failed", "skipped"],
  "both failed": ["failed", "failed"],
  "both skipped": ["skipped", "skipped"],
  "succeeded, running": ["succeeded", "open"],
  "failed, running": ["failed", "open"],
  "skipped, running": ["skipped", "open"],
};

const counts = (ends: readonly End[]) => {
  const of = (end: End): number => ends.filter((one) => one === end).length;
  return {
    total: ends.length,
    ended: ends.length - of("open"),
    succeeded: of("succeeded"),
    failed: of("failed"),
    skipped: of("skipped"),
    upstreamFailed: of("upstreamFailed"),
  };
};
