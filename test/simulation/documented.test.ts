import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FAULTS, STRIKES } from "./fault-plan.ts";
import { invariants } from "./invariant-list.ts";
import { DrawersAreFenced } from "./invariants/drawers-are-fenced.ts";
import { WORLD_FACTS } from "./world-facts.ts";

const PAGE = readFileSync(join(import.meta.dirname, "../../docs/operate/simulation.md"), "utf8");

const invariantFacts = [...invariants({ outcomes: () => "succeeded" }), new DrawersAreFenced(() => {})];

test.each([...invariantFacts.map(({ fact }) => fact), ...Object.values(WORLD_FACTS)])("the page lists: %s", (fact) => {
  expect(PAGE).toContain(`| ${fact} |`);
});

test.each([...FAULTS, ...STRIKES])("the page lists the fault %s", (fault) => {
  expect(PAGE).toContain(`\`${fault}\``);
});
