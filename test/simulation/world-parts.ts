import type { WorkflowManifest } from "../../src/core/manifest.ts";
import type { Assignment } from "../../src/runtime/protocol.ts";
import { SimAlerts } from "./sim-alerts.ts";
import { SimBackfills } from "./sim-backfills.ts";
import type { SimBody } from "./sim-body.ts";
import { SimCache } from "./sim-cache.ts";
import { SimCalls } from "./sim-calls.ts";
import { SimEvents } from "./sim-events.ts";
import { SimFlows } from "./sim-flows.ts";
import { SimLimits } from "./sim-limits.ts";
import { SimPeople } from "./sim-people.ts";
import { SimResources } from "./sim-resources.ts";
import { SimSchedules } from "./sim-schedules.ts";
import { SimSources } from "./sim-sources.ts";
import type { WorldOptions } from "./story.ts";
import type { World } from "./world.ts";

/** What there may be in a world beside runs by hand. `null`: there is none of that in this one. */
export interface WorldParts {
  readonly schedules: SimSchedules | null;
  readonly backfills: SimBackfills | null;
  readonly alerts: SimAlerts | null;
  readonly events: SimEvents | null;
  readonly sources: SimSources | null;
  readonly flows: SimFlows | null;
  readonly limits: SimLimits | null;
  readonly people: SimPeople | null;
  readonly cache: SimCache | null;
  readonly resources: SimResources | null;
  readonly calls: SimCalls | null;
}

/** Each has dice of its own where it throws any: a world without it stays the one that its seed says. */
export function partsOf(world: World, seed: number, has: WorldOptions): WorldParts {
  return {
    schedules: has.schedules || has.backfills ? new SimSchedules(world, seed) : null,
    backfills: has.backfills ? new SimBackfills(world, seed) : null,
    alerts: has.alerts ? new SimAlerts(world, seed) : null,
    events: has.events || has.people || has.sources ? new SimEvents(world, seed) : null,
    sources: has.sources ? new SimSources(world, seed) : null,
    flows: has.flows ? new SimFlows(world) : null,
    limits: has.limits ? new SimLimits(world, seed) : null,
    people: has.people ? new SimPeople(world, seed) : null,
    cache: has.cache ? new SimCache(world, seed) : null,
    resources: has.resources ? new SimResources(world, seed) : null,
    calls: has.calls ? new SimCalls(world, seed) : null,
  };
}

/** A workflow with what the parts of its world make of it. `place`: which of them it is. */
export function madeOf(parts: WorldParts, graph: WorkflowManifest, place: number): WorkflowManifest {
  const { flows, people, cache, calls, limits, alerts, schedules, backfills, events } = parts;
  const drawn = (place === 0 && flows?.flow(graph)) || graph;
  people?.choose(drawn);
  cache?.choose(drawn);
  calls?.choose(drawn, place);
  const named = limits?.limited(drawn) ?? drawn;
  const alerted = alerts?.alerted(named) ?? named;
  const scheduled = (place === 0 && schedules?.scheduled(alerted)) || alerted;
  const backfilled = (place === 0 && backfills?.scheduled(scheduled)) || scheduled;
  return events?.hearing(backfilled) ?? backfilled;
}

/** Whose code goes on from what it has recorded; `null`: it does what any task does. */
export function bodyOf({ flows, people, calls }: WorldParts, assignment: Assignment): SimBody | null {
  if (flows?.isBody(assignment)) return flows;
  if (people?.asks(assignment)) return people;
  return calls?.callsFrom(assignment) ? calls : null;
}
