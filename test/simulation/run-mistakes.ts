import { type Mistake, mistakesOf } from "./mistake.ts";

const [resources, cache] = [mistakesOf("resources"), mistakesOf("cache")];

const DECIDE = "core/decide.ts";
const GROUP = "engine/group-builder.ts";

/** Of what runs set up. */
export const RESOURCES: readonly Mistake[] = [
  resources(
    "what takes something down elsewhere is told to stop with its run",
    "engine/remote/claim-watch.ts",
    "(cancelRequested && !takesDown)",
    "cancelRequested",
  ),
  resources(
    "what takes something down is cancelled with its run",
    "core/cancel.ts",
    "run.tasks.filter((task) => !isTeardown(task))",
    "run.tasks",
  ),
  resources(
    "what takes something down and is lost in a cancelled run is given up",
    DECIDE,
    "if (isStopping(run, instance)) return stopped(run, instance, null",
    "if (run.header.cancelRequested) return stopped(run, instance, null",
  ),
  resources(
    "a setup that failed leaves what it had begun",
    "core/resource.ts",
    "single && wasBegun(single) ?",
    `single?.state === "succeeded" ?`,
  ),
  resources("what is still used is taken down", "core/resource.ts", `if (isOpen) return "wait";`),
  resources("a retry goes on with what was taken down", "core/reopen.ts", "renewResources(run, log, true);"),
  resources(
    "what a group would have run again is waited for in a cancelled run",
    "core/resource.ts",
    "settled(run.header.cancelRequested ? null : hold)",
    "settled(hold)",
  ),
];

const FIND = "store/sqlite/cache.sql.ts";

/** Of values that others may take. */
export const CACHE: readonly Mistake[] = [
  cache(
    "a value is taken that stands no more",
    FIND,
    "and t.claim = c.claim and t.generation = c.generation and t.state = 'succeeded'",
  ),
  cache(
    "any value of the task is taken, whatever its key",
    FIND,
    "and c.key in (select value from json_each(${p.keys}))",
  ),
  cache(
    "a run that is made anew takes what there is",
    FIND,
    "and not exists (select 1 from uncached_run u where u.run = mine.id)",
  ),
  cache("what threw its own success away takes another's", FIND, "coalesce(me.history ->> 'discarded', 0) = 0", "true"),
  cache(
    "a retry of all of a run does not say that it is made anew",
    "engine/run-control.ts",
    "if (fresh) await store.cache.renounce(runId);",
  ),
  cache(
    "nobody may take what a task has made",
    GROUP,
    `const [key, value] = result?.cached ?`,
    `if (!result?.cached) return;
    const [key, value] = result?.cached ?`,
  ),
];
