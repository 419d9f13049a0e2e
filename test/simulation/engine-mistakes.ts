import { type Mistake, mistakesOf } from "./mistake.ts";

const plain = mistakesOf("plain");

const DECIDE = "core/decide.ts";
const DISPATCHER = "engine/dispatcher.ts";
const SCHEDULER = "engine/scheduler.ts";
const TASK_RUNS = "store/sqlite/task-run.sql.ts";

/** Of what is recorded, and under which guards. */
const GUARDS: readonly Mistake[] = [
  plain(
    "the claim guard is gone from the statement of an end",
    TASK_RUNS,
    `output = \${p.output}
  where id = \${p.id} and run = \${p.run} and claim = \${p.claim} and`,
    `output = \${p.output}
  where id = \${p.id} and run = \${p.run} and`,
  ),
  plain(
    "the state guard is gone from the statement of an end",
    TASK_RUNS,
    `output = \${p.output}
  where id = \${p.id} and run = \${p.run} and claim = \${p.claim} and state = \${p.from}\``,
    `output = \${p.output}
  where id = \${p.id} and run = \${p.run} and claim = \${p.claim}\``,
  ),
  plain(
    "a drawer is written under any claim",
    TASK_RUNS,
    "and run = ${p.run} and claim = ${p.claim} and state = 'running'`;",
    "and run = ${p.run} and state = 'running'`;",
  ),
  plain(
    "the revision is not checked",
    "store/sqlite/run-writer.ts",
    `known.revision !== revision) return null;
    const { seq } = known;
    addTally(known.taskRuns, taskRuns);
    if (this.#connection.run(sql.advanceRun({ seq, revision,`,
    `known.revision < 0) return null;
    const { seq } = known;
    addTally(known.taskRuns, taskRuns);
    if (this.#connection.run(sql.advanceRun({ seq, revision: known.revision,`,
  ),
  plain(
    "a run that starts and ends in one commit is refused",
    "store/guard.ts",
    ` || (canStep(from, "running") && canStep("running", to))) return;`,
    `) return;`,
  ),
  plain(
    "an older owner writes on",
    "store/sqlite/owned-file.ts",
    "if (this.connection.get<OwnerRow>(getEpoch())?.epoch === this.#epoch) return;",
    "if (this.#epoch > 0) return;",
  ),
  plain(
    "the counters forget inserted rows",
    "store/sqlite/task-run-tally.ts",
    "for (const { state } of group.inserts) tally[PLACES[state]]!++;",
  ),
];

/** Of the loop that takes what has arrived, decides, commits and hands out. */
const LOOP: readonly Mistake[] = [
  plain(
    "tasks are dispatched before the commit",
    SCHEDULER,
    "const results = await this.#committer.commit(",
    "await this.#dispatch(claimed);\n    const results = await this.#committer.commit(",
  ),
  plain("a dropped group is taken as applied", SCHEDULER, "if (!result?.applied) return", "if (!result) return"),
  plain(
    "a reload does not put queued task runs back in line",
    SCHEDULER,
    "this.#claims.enqueue(run);\n    run.arrivals.unshift",
    "run.arrivals.unshift",
  ),
  plain("a reload forgets what had arrived", SCHEDULER, `{ kind: "begin" }, ...arrivals);`, `{ kind: "begin" });`),
  plain(
    "a run that turns out to have ended is not let go",
    SCHEDULER,
    "if (run.hasEnded && !opensAgain(run, arrivals)) {",
    "if (run.released) {",
  ),
  plain(
    "a claim whose answer was lost is not taken up",
    DISPATCHER,
    "return unstarted.map((instance) => ({ run, instance }));",
    "return [];",
  ),
  plain("old values stay in the cache when a run is loaded again", DISPATCHER, "this.#values.drop(id);", "void id;"),
  plain(
    "a retried task keeps its slot",
    DISPATCHER,
    `else if (from === "running") this.#running.delete`,
    `else if (from === "running" && to !== "up_for_retry") this.#running.delete`,
  ),
  plain(
    "a slot is free before its worker has let go of it",
    DISPATCHER,
    "this.#leaving.add(claimKey(id, claim));\n      this.#host.abort",
    "this.#host.abort",
  ),
  plain(
    "a late result is taken for the present claim",
    DISPATCHER,
    "return found?.claim === claim ? found : null;",
    "return found ?? null;",
  ),
  plain(
    "a dropped drawer is refused though its claim holds",
    "engine/drawer-queue.ts",
    "else if (!isHeld(write)) settle",
    "else if (dropped.has(run)) settle",
  ),
  plain("a timer that rings early is not set again", "engine/due-timer.ts", "if (early) this.arm();"),
  plain(
    "the idempotency key changes with the attempt",
    "engine/assignment.ts",
    "{ task, index, discarded }: TaskInstance)",
    "{ task, index, attempt: discarded }: TaskInstance)",
  ),
];

/** Of what follows from what, and of runs that change hands. */
const RUNS: readonly Mistake[] = [
  plain("a loss counts twice", DECIDE, "if (event.counts) instance.losses++;", "instance.losses += 2;"),
  plain(
    "the attempt is counted by losses too",
    DECIDE,
    "if (!never && instance.losses < MAX_LOSSES) return",
    "if (!never && instance.losses < MAX_LOSSES && ++instance.attempt > 0) return",
  ),
  plain(
    "a user's retry does not derive the model anew",
    "core/reopen.ts",
    "renewResources(run, log, true);\n  run.derive();",
    "renewResources(run, log, true);",
  ),
  plain(
    "a group's retry does not derive the model anew",
    DECIDE,
    "reopenGroup(run, group, instance, log);\n  run.derive();",
    "reopenGroup(run, group, instance, log);",
  ),
  plain(
    "a group that has ended for good does not wake its readers",
    "core/waker.ts",
    "this.#wakeHeldReaders(this.#run.task(ordinal), group, around);",
    "void ordinal;",
  ),
  plain(
    "what still waits stays behind when its run ends",
    "core/end-run.ts",
    `log.decided(instance, "removed", null);`,
    "void instance;",
  ),
  plain(
    "a cancelled run goes on with what was queued",
    "core/cancel.ts",
    `if (instance.state !== "running" && !isEnded`,
    `if (instance.state !== "running" && instance.state !== "queued" && !isEnded`,
  ),
  plain(
    "a resumed engine does not count what ran as lost",
    "engine/loss-of.ts",
    "if (!membership) return workerDied(instance, worker ?? host, claim);",
    "if (!membership) return null;",
  ),
  plain(
    "a cancelled run forgets its cancel when it is resumed",
    "engine/engine.ts",
    "if (record.cancelRequested) this.#scheduler.arrive(run, cancelOf(record.generation));",
  ),
  plain(
    "an end that is not recorded yet counts as one",
    "engine/run-control.ts",
    `while (isEndedRun(runs.get(runId)?.model.header.state ?? "running")) await durable();`,
  ),
  plain(
    "a run that was accepted while it was looked for is loaded a second time",
    "engine/live-runs.ts",
    "if (accepted) return accepted;",
  ),
];

/** What every world can see, by the part that it is in. */
export const ENGINE_MISTAKES: Readonly<Record<string, readonly Mistake[]>> = { guards: GUARDS, loop: LOOP, runs: RUNS };
