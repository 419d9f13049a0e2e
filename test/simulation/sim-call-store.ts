import type { Cause } from "../../src/core/event.ts";
import type { Calls } from "../../src/store/calls.ts";
import type { SqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { NewRun } from "../../src/store/store.ts";
import { sampleGroup } from "../../src/testing/store-samples.ts";
import type { SimStore } from "./sim-store.ts";
import { unreachable } from "./sim-wire.ts";
import type { World } from "./world.ts";

/** Runs that task runs ask for, over the same wire as everything else. */
export function simCallStore(wire: SimStore, real: SqliteStore, world: World, engine: string): Calls {
  const { calls } = real;
  const start = async (run: NewRun, cause: Cause, scheduler: number | undefined) => {
    const started = await calls.start(run, cause);
    if (started) world.database?.given(run.id, scheduler);
    const group = sampleGroup(run.id, 0, { create: run });
    if (started) await world.committed(real, [group], [{ applied: true, ids: [] }], { name: engine, zombie: false });
    if (world.parts.calls?.answerIsLost) throw unreachable();
    return started;
  };
  return {
    follow: (workflow) => wire.ask(`follow ${workflow}`, true, () => calls.follow(workflow)),
    start: (run, cause, scheduler) => wire.ask(`start ${run.id}`, true, () => start(run, cause, scheduler)),
    head: (runId) => wire.ask("read a called run", false, () => calls.head(runId)),
    results: (...of) => wire.ask("read results", false, () => calls.results(...of)),
    firstFailed: (runId) => wire.ask("read a failure", false, () => calls.firstFailed(runId)),
    runsIn: (...of) => wire.ask("list runs of a window", false, () => calls.runsIn(...of)),
  };
}
