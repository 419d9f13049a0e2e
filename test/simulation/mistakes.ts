import { CALLS } from "./call-mistakes.ts";
import { ENGINE_MISTAKES } from "./engine-mistakes.ts";
import { type Mistake, mistakesOf as of } from "./mistake.ts";
import { CACHE, RESOURCES } from "./run-mistakes.ts";
import { BACKFILLS, EVENTS, PAUSES, SCHEDULES } from "./schedule-mistakes.ts";
import { SOURCES } from "./source-mistakes.ts";

const [plain, flows, limits, people, events] = [of("plain"), of("flows"), of("limits"), of("people"), of("events")];

const DECIDE = "core/decide.ts";
const GROUP = "engine/group-builder.ts";
const CONTROL = "core/control.ts";
const WAITERS = "engine/events/event-waiters.ts";

/** Of waits without a slot. */
const DEFERRAL: readonly Mistake[] = [
  plain(
    "a task run that waits comes back a second early",
    DECIDE,
    "run.deferred.take(now); instance; instance = run.deferred.take(now)",
    "run.deferred.take(now + 1e6); instance; instance = run.deferred.take(now + 1e6)",
  ),
  plain(
    "a run that is loaded forgets who waits",
    "core/run-model.ts",
    `if (instance?.state === "deferred") this.deferred.add`,
    `if (instance?.state === "nobody") this.deferred.add`,
  ),
  plain(
    "a task begins to wait in a cancelled run",
    DECIDE,
    "if (isStopping(run, instance)) return stopped(run, instance, { startedAt",
    "if (run.header.timedOut) return stopped(run, instance, { startedAt",
  ),
  plain(
    "a cancelled run leaves what waits as it is",
    "core/cancel.ts",
    `if (instance.state !== "running" && !isEnded`,
    `if (instance.state !== "running" && instance.state !== "deferred" && !isEnded`,
  ),
  plain(
    "the timer does not know of those that wait",
    DECIDE,
    "let due = run.deferred.next ?? Number.POSITIVE_INFINITY;",
    "let due = Number.POSITIVE_INFINITY;",
  ),
  plain(
    "a task that waits keeps its slot",
    "engine/dispatcher.ts",
    `else if (from === "running") this.#running.delete`,
    `else if (from === "running" && to !== "deferred") this.#running.delete`,
  ),
];

/** Of what tasks record. */
const STEPS: readonly Mistake[] = [
  plain("what came with a wait is not recorded", GROUP, "of deferral?.steps ?? [])", "of [])"),
  plain(
    "a failed attempt that is opened again forgets what was recorded",
    "store/sqlite/task-run-writer.ts",
    `(change.from === "succeeded" || change.empties)`,
    `(change.from !== "skipped")`,
  ),
  plain(
    "a success that is thrown away keeps what was recorded",
    "store/sqlite/task-run-writer.ts",
    `(change.from === "succeeded" || change.empties)`,
    `(change.empties)`,
  ),
  plain(
    "what was recorded is read from the last line on",
    "store/sqlite/drawer.sql.ts",
    "order by key limit 1000000",
    "order by key desc limit 1000000",
  ),
  plain(
    "the latest line is recorded under the first one's place",
    GROUP,
    `to: { drawer: "steps", taskRunId, key }`,
    `to: { drawer: "steps", taskRunId, key: "000000" }`,
  ),
];

const FLOWS: readonly Mistake[] = [
  flows(
    "the end of a task run does not bring the body back",
    "core/waker.ts",
    "if (task.graph.dynamic) wakeBody(this.#run, this.#log);",
  ),
  flows("what a body gives is not recorded", GROUP, "of deferral?.requests ?? [])", "of [])"),
  flows("what a body asks for does not begin", "core/flow-tasks.ts", "begin(run, body, requests, log);\n"),
  flows(
    "what ended while the body was at something else does not bring it back",
    "core/flow-tasks.ts",
    "if (someHaveEnded(run, until.tasks)) log.requeued(body);",
  ),
  flows("what begins again is not counted as open", "core/flow-tasks.ts", "if (task.settled(null)) run.openTasks++;"),
];

const PEOPLE: readonly Mistake[] = [
  people("an answer brings nobody back", WAITERS, "if (waits(waiter)) this.#deps.wake(waiter);"),
  people(
    "any answer brings back everybody",
    WAITERS,
    "fields === null || matchesFields(payload === null ? {} : JSON.parse(payload), fields);",
    "fields !== undefined || matchesFields(payload === null ? {} : JSON.parse(payload), fields);",
  ),
  people(
    "who waits is not listened for when a run is taken over",
    "engine/engine.ts",
    "for (const instance of run.deferred()) this.#waits.add(run, instance);",
  ),
  people(
    "who waits is not listened for when a run is loaded anew",
    "engine/dispatcher.ts",
    "for (const instance of run.deferred()) this.#facts.listens(run, instance);",
  ),
  people(
    "what came between the look and the wait is not compared",
    WAITERS,
    "events.emitted(name, after);",
    `events.emitted(name, "1000000");`,
  ),
  people(
    "a second answer takes the place of the first",
    "store/sqlite/event.sql.ts",
    "${p.pending})\n  on conflict do nothing`;",
    "${p.pending})\n  on conflict (uid) do update set payload = excluded.payload`;",
  ),
  people(
    "whoever answers is told that theirs counts",
    "owner/answer-approval.ts",
    "if (counted !== null && counted.token !== answer.token) refuseOver(after[0]!);",
  ),
];

const LIMITS: readonly Mistake[] = [
  limits(
    "the store does not look whether there is room",
    "store/sqlite/group-writer.ts",
    "if (!group.uses) return this.#applyWhole",
    "return this.#applyWhole",
  ),
  limits(
    "what ends gives nothing back",
    "store/sqlite/group-writer.ts",
    "if (group.releases) releaseUses(connection, group.releases);",
  ),
  limits(
    "what is tried again later keeps what it took",
    GROUP,
    `&& to !== "running";`,
    `&& to !== "running" && to !== "up_for_retry";`,
  ),
  limits("what waits keeps what it took", GROUP, `&& to !== "running";`, `&& to !== "running" && to !== "deferred";`),
  limits(
    "nobody looks again at a line whose first has gone",
    "engine/limits/limit-lines.ts",
    "> rank) this.#stand(line);",
    "> rank) return;",
  ),
  limits(
    "a rate that was filled here is not asked for",
    "engine/limits/limit-lines.ts",
    "this.#filled.add(full.name);",
  ),
  limits(
    "a pool's new size is not known before it is asked for",
    "engine/limits/limit-desk.ts",
    "this.#rooms.clear();",
  ),
  limits(
    "what is asked for while nothing may be claimed is asked for again at once",
    "engine/limits/limited-claims.ts",
    "if (!this.desk.hasWork || claims.draining || !this.#deps.claims.isHeld()) return;",
    "if (claims.draining || !this.#deps.claims.isHeld()) return void (this.again = this.desk.hasFilled);",
  ),
  limits(
    "what offers may claim has the slots that are asked for, too",
    "engine/limits/limited-claims.ts",
    "host.reserve(Math.max(0, this.#port.dispatcher.free))",
    "host.reserve(0)",
  ),
  limits(
    "a claim that was left out counts as made",
    "engine/limits/limited-claims.ts",
    "refused?.includes(entry.instance.id)",
    "false",
  ),
  limits(
    "nobody looks again at what was put back in line",
    "engine/limits/limit-desk.ts",
    "for (const name of freed) this.#lines.opened(name);",
  ),
  limits(
    "what was taken for a claim that was dropped is not put back in line",
    "engine/limits/limit-desk.ts",
    "for (const { name } of line.uses) this.#rooms.forget(name);\n      this.#lines.push(entry, line.queue, line.uses);",
  ),
];

/** Of what users do to single tasks. */
const CONTROLS: readonly Mistake[] = [
  limits(
    "the end of a task that was cancelled wakes nobody",
    CONTROL,
    `log.decided(instance, "cancelled", null);
  waker.ended(instance, 0);`,
    `log.decided(instance, "cancelled", null);`,
  ),
  limits(
    "what was cancelled while it waits for its next try is tried nevertheless",
    CONTROL,
    `  run.retrying.delete(instance);
  log.decided(instance, "cancelled", null);
  waker`,
    `  log.decided(instance, "cancelled", null);
  waker`,
  ),
  limits(
    "a mark does not derive the model anew",
    CONTROL,
    `renewResources(run, log, wasEnded);
  run.derive();`,
    "renewResources(run, log, wasEnded);",
  ),
  limits("a run of which tasks are cleared stays in its generation", CONTROL, "run.header.generation++;"),
  limits("a run of which tasks are cleared stays cancelled", CONTROL, `run.header.cancelRequested = false;`),
  limits(
    "what follows a mark is not looked at",
    CONTROL,
    `waker.lookAtAll();
  if (run.task`,
    "if (run.task",
  ),
  limits(
    "what is cleared does not begin",
    CONTROL,
    `renewResources(run, log, true);
  run.derive();
  waker.lookAtAll();`,
    `renewResources(run, log, true);
  run.derive();`,
  ),
];

const FLEET: readonly Mistake[] = [
  events(
    "what begins under a number that has ended is kept",
    "engine/scheduler.ts",
    "if (!this.#deps.holds(holder) && !builder.run.hasEnded)",
    "if (builder.create && !this.#deps.holds(holder))",
  ),
];

/** By the part that they are in. */
export const MISTAKES: Readonly<Record<string, readonly Mistake[]>> = {
  ...ENGINE_MISTAKES,
  deferral: DEFERRAL,
  steps: STEPS,
  flows: FLOWS,
  people: PEOPLE,
  limits: LIMITS,
  controls: CONTROLS,
  resources: RESOURCES,
  sources: SOURCES,
  cache: CACHE,
  calls: CALLS,
  fleet: FLEET,
  schedules: SCHEDULES,
  pauses: PAUSES,
  backfills: BACKFILLS,
  events: EVENTS,
};
