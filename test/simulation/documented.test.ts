import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FAULTS, STRIKES } from "./fault-plan.ts";
import { invariants } from "./invariant-list.ts";
import { DrawersAreFenced } from "./invariants/drawers-are-fenced.ts";
import { StepsAreKept } from "./invariants/steps-are-kept.ts";
import { BACKFILL_FACTS } from "./sim-backfills.ts";
import { CACHE_FACTS } from "./sim-cache.ts";
import { CALL_FACTS } from "./call-facts.ts";
import { ALERT_FACTS } from "./sim-alerts.ts";
import { EVENT_FACTS } from "./sim-events.ts";
import { FLOW_FACTS } from "./sim-flows.ts";
import { LIMIT_FACTS } from "./sim-limits.ts";
import { PEOPLE_FACTS } from "./sim-people.ts";
import { SCHEDULE_FACTS } from "./sim-schedules.ts";
import { SOURCE_FACTS } from "./sim-sources.ts";
import { WORLD_FACTS } from "./world-facts.ts";

const PAGE = readFileSync(join(import.meta.dirname, "../../docs/operate/simulation.md"), "utf8");

const invariantFacts = [
  ...invariants({ outcomes: () => "succeeded" }),
  new DrawersAreFenced(() => {}),
  new StepsAreKept(() => {}),
];

test.each([
  ...invariantFacts.map(({ fact }) => fact),
  ...Object.values({
    ...WORLD_FACTS,
    ...SCHEDULE_FACTS,
    ...BACKFILL_FACTS,
    ...ALERT_FACTS,
    ...EVENT_FACTS,
    ...SOURCE_FACTS,
    ...FLOW_FACTS,
    ...LIMIT_FACTS,
    ...PEOPLE_FACTS,
    ...CACHE_FACTS,
    ...CALL_FACTS,
  }),
])("the page lists: %s", (fact) => {
  expect(PAGE).toContain(`| ${fact} |`);
});

test.each([...FAULTS, ...STRIKES])("the page lists the fault %s", (fault) => {
  expect(PAGE).toContain(`\`${fault}\``);
});
