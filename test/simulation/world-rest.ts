import { isEndedRun } from "../../src/core/run-state.ts";
import type { World } from "./world.ts";
import { WORLD_FACTS } from "./world-facts.ts";

/** What there is still to do in a world, what is soonest known first. Engines that share a database beat for ever: theirs is at rest when nobody has anything left. */
export function* busyIn(world: World): Generator<string, void> {
  const { user, engines, recorded } = world;
  const { schedules, backfills, alerts, events, sources, people, calls } = world.parts;
  for (const id of user.wanted)
    if (!isEndedRun(recorded.runs.get(id)?.run.state ?? "queued")) yield `run ${id.slice(-2)} has not ended`;
  for (const { runId } of user.waiting.values()) yield `somebody waits for the end of run ${runId.slice(-2)}`;
  for (const { name, engine, host } of engines)
    if (!engine.idle || engine.liveRuns.length > 0 || host.busy > 0)
      yield `${name} has runs ${engine.liveRuns.map((id) => id.slice(-2)).join(" ")}, ${engine.idle ? "" : "not "}idle, ${host.busy} tasks`;
  if (!engines.some(({ serves }) => serves)) yield "no engine serves";
  for (const part of [people, calls, schedules, backfills, sources, events, alerts]) yield* part?.busy ?? [];
}

/** What is still there of a world in which nothing happens any more. */
export function lookAtRest(world: World): void {
  const { user, recorded, engines } = world;
  const isStuck = (what: string): void => world.fail(WORLD_FACTS.stuck, what);
  for (const id of user.submitted) if (!recorded.runs.has(id)) isStuck(`run ${id} was never recorded`);
  if (!engines.some(({ serves }) => serves)) return isStuck("no engine serves");
  for (const { runId } of user.waiting.values()) isStuck(`somebody still waits for the end of run ${runId}`);
  for (const { engine, host, name } of engines) {
    const live = engine.liveRuns;
    if (live.length > 0) isStuck(`${name} still holds ${live.join(", ")}`);
    if (!engine.idle) isStuck(`${name} believes that something runs, and nothing does: a slot is lost`);
    if (host.busy > 0) isStuck(`the worker of ${name} still has ${host.busy} tasks`);
  }
}
