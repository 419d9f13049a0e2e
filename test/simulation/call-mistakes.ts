import { type Mistake, mistakesOf } from "./mistake.ts";

const calls = mistakesOf("calls");

const RUN_CALLS = "engine/events/run-calls.ts";
const CALLED = "engine/events/called-run.ts";

/** Of runs that tasks call. */
export const CALLS: readonly Mistake[] = [
  calls(
    "a run that was called is begun by nobody",
    RUN_CALLS,
    "await engine.begin({ ...made.run, cause }, made.version);",
    "void cause;",
  ),
  calls(
    "a run whose start was not answered is taken for begun",
    RUN_CALLS,
    "if (this.#unbegun.has(ask.id)) await unlessOver(engine.resume(ask.id));",
  ),
  calls(
    "what could not be started now is not tried again",
    RUN_CALLS,
    "clock.at(addMs(clock.now(), TRY_AGAIN_MS), () => this.#look());\n        return;",
    "this.#asked.delete(next.ask.id);",
  ),
  calls("nobody is told that a run could not be started", RUN_CALLS, "    refused();\n"),
  calls("a circle of calls is not seen", RUN_CALLS, "if (chain.includes(ask.workflow))", "if (chain.length < 0)"),
  calls(
    "who is called does not know who waits further up",
    RUN_CALLS,
    "const chain = [...waiting, record.workflow];",
    "const chain = [record.workflow, ...waiting].slice(0, 1);",
  ),
  calls(
    "why there is a run that was called is not recorded",
    "store/sqlite/sqlite-calls.ts",
    "if (made !== null) this",
    "if (made === null) this",
  ),
  calls(
    "a run that was called stands for another window",
    RUN_CALLS,
    "const window = { start: intervalStart,",
    "const window = { start: now,",
  ),
  calls("who calls a workflow does not follow it", CALLED, "await store.calls.follow(question.workflow);"),
  calls(
    "what a run returned is that of any of its tasks",
    CALLED,
    ".tasks.filter(({ downstream }) => downstream.length === 0)\n",
    ".tasks\n",
  ),
  calls(
    "of a called run the results of tasks that failed count",
    "store/sqlite/call.sql.ts",
    "json_each(${p.tasks})) and state = 'succeeded'\n",
    "json_each(${p.tasks}))\n",
  ),
  calls(
    "a run that is taken over does not look after what it has called",
    "engine/events/outside-waits.ts",
    "this.#calls.add(run, instance);",
    "if (instance.claim < 2) this.#calls.add(run, instance);",
  ),
  calls(
    "the end of any run brings back all that wait for one",
    "engine/events/event-waiters.ts",
    "fields === null || matchesFields(payload === null ? {} : JSON.parse(payload), fields);",
    "fields !== undefined || matchesFields(payload === null ? {} : JSON.parse(payload), fields);",
  ),
  calls(
    "a cancel takes what was called with it",
    "engine/run-control.ts",
    `    await this.#openings.ask(run, (asked) => ({ kind: "cancel", ...asked }));`,
    `    for (const { wait } of run.deferred()) for (const { id } of wait?.runs ?? []) void this.cancel(id).catch(() => {});
    await this.#openings.ask(run, (asked) => ({ kind: "cancel", ...asked }));`,
  ),
];
