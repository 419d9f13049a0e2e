import { decide } from "../../src/core/decide.ts";
import type { WorkflowManifest } from "../../src/core/manifest.ts";
import type { RetryPolicy } from "../../src/core/retry-policy.ts";
import { LiveRun } from "../../src/engine/live-run.ts";
import type { Assignment } from "../../src/runtime/protocol.ts";
import { plainTask } from "../../src/testing/store-samples.ts";
import { withResources } from "../support/random-resources.ts";
import { Dice } from "./dice.ts";
import type { Commit, RunRows } from "./invariant.ts";
import type { World } from "./world.ts";

const TWICE: RetryPolicy = { limit: 2, backoff: "fixed", delayMs: 1000, maxDelayMs: 1000, jitter: "none", on: [] };

/** Tasks of a world that set up what others use. More of its runs are cancelled, and some of them while a group waits for its next try. */
export class SimResources {
  readonly #world: World;
  readonly #dice: Dice;
  /** Thrown when something has happened, and not when it is planned. */
  readonly #aim: Dice;

  constructor(world: World, seed: number) {
    this.#world = world;
    this.#dice = new Dice(seed + 5_000_011);
    this.#aim = new Dice(seed + 5_500_013);
  }

  with(manifest: WorkflowManifest): WorkflowManifest {
    const graph = this.#dice.chance(0.5) ? withUsingGroup(manifest) : manifest;
    return withResources(graph, () => this.#dice.chance(0.6));
  }

  /** In so many milliseconds nobody wants a run any more; `null`: somebody does. */
  unwantedAfterMs(): number | null {
    return this.#dice.chance(0.6) ? this.#dice.between(0, 15_000) : null;
  }

  /** What takes something down, long enough to be met by what happens to its run meanwhile. */
  takesLong({ runId, task }: Assignment): boolean {
    const { kind } = this.#world.recorded.version(runId).record.manifest.tasks[task]!;
    return kind === "teardown" && this.#dice.chance(0.4);
  }

  /** Nobody would come by in the second for which a group waits for its next try, so somebody is told when that begins. */
  committed({ group, result, after }: Commit): void {
    const { plan, clock, user } = this.#world;
    const hasFailed = group.changes.some((change) => change.kind === "finish" && change.state === "failed");
    if (!result.applied || plan.calm || !hasFailed || !after || !this.#groupWaits(after)) return;
    const { runId } = group;
    if (this.#aim.chance(0.7))
      clock.after(this.#aim.between(0, 500), user, `wants no run ${runId.slice(-2)}`, () => user.cancel(runId));
  }

  #groupWaits({ run, taskRuns }: RunRows): boolean {
    const { model } = new LiveRun(this.#world.recorded.version(run.id), run, [...taskRuns.values()]);
    decide(model, [{ kind: "begin" }], run.createdAt);
    return model.groupsRetrying.size > 0;
  }
}

/** With something that is used by a group which is tried again: of random graphs hardly one has that. */
function withUsingGroup({ tasks, groups, ...manifest }: WorkflowManifest): WorkflowManifest {
  const [setup, group] = [tasks.length, groups.length];
  const user = (name: string, after: number) => ({ ...plainTask(name), group, after: [after] });
  return {
    ...manifest,
    tasks: [...tasks, plainTask("prepare"), user("use", setup), user("use_too", setup + 1)],
    groups: [...groups, { name: "users", parent: null, each: null, retries: TWICE }],
  };
}
