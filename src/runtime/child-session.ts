import { systemClock } from "../core/clock.ts";
import { toErrorData } from "../core/error-data.ts";
import { TuttiError, type ErrorData } from "../core/errors.ts";
import { tellReceiver } from "./alert-call.ts";
import { Attempt, type AttemptPorts } from "./attempt.ts";
import { callAt } from "./call-at.ts";
import { Code, type LoadedVersion } from "./code.ts";
import { ConnectionProblem } from "./connection-problem.ts";
import { type Ended, execute } from "./executor.ts";
import { failure } from "./failure.ts";
import type { Gate } from "./gate.ts";
import type { Outbox } from "./outbox.ts";
import { parseParams } from "./params.ts";
import { askTrigger } from "./trigger.ts";
import { ParkedAttempts } from "./parked-attempts.ts";
import type { AbortReason, Assignment, ChildSettings, Finished, RunInfo, TaskClaim, ToChild } from "./protocol.ts";

interface Asked {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

/** A child's side of the conversation: takes messages, runs tasks, answers through the outbox. */
export class ChildSession {
  readonly #outbox: Outbox;
  readonly #gate: Gate;
  readonly #ports: AttemptPorts;
  readonly #code = new Code({
    connections: (names, workflow, task) => this.#connections(names, workflow, task),
  });
  readonly #runs = new Map<string, { readonly info: RunInfo; readonly shared: Map<string, string> }>();
  readonly #live = new Set<Attempt>();
  readonly #parked = new ParkedAttempts();
  readonly #asked = new Map<number, Asked>();
  #requests = 0;
  /** Tasks that it was sent. */
  #turns = 0;

  constructor(settings: ChildSettings, outbox: Outbox, gate: Gate) {
    this.#outbox = outbox;
    this.#gate = gate;
    this.#ports = {
      ...settings,
      logLimits: { lineLength: settings.logLineLength, attemptBytes: settings.logAttemptBytes },
      now: () => systemClock.now(),
      at: callAt,
      defer: (attempt, deferral) => {
        this.#parked.add(attempt);
        this.#end({ state: "deferred", ...deferral }, attempt);
      },
      wake: ({ task: { runId, taskRunId, claim } }) => outbox.push({ kind: "wake", runId, taskRunId, claim }),
      log: (line) => outbox.pushSoon({ kind: "log", line }),
      progress: (message) => outbox.push(message),
      drawer: ({ task: { taskRunId, claim } }, drawer, key, value) =>
        this.#ask((request) => ({
          kind: "drawer",
          request,
          taskRunId,
          claim,
          drawer,
          key,
          ...(value === undefined ? {} : { value }),
        })),
      secret: ({ task: { taskRunId, claim }, run }, name) =>
        this.#ask((request) => ({ kind: "secret", request, taskRunId, claim, name, workflow: run.version.workflow })),
      shared: (runId, key) => this.#shared(runId, key),
    };
  }

  take(message: ToChild): void {
    switch (message.kind) {
      case "start":
        return this.#start(message.slot, message.task);
      case "run":
        return void this.#runs.set(message.run.runId, { info: message.run, shared: new Map() });
      case "share":
        return void this.#runs.get(message.runId)?.shared.set(message.key, message.text);
      case "forget":
        this.#parked.forget(message.runId);
        return void this.#runs.delete(message.runId);
      case "abort":
        return this.#abort(message.taskRunId, message.claim, message.reason);
      case "drop":
        return this.#parked.drop(message, message.reason);
      case "parse":
        return void this.#parse(message);
      case "alert":
        return void this.#alert(message);
      case "ask":
        return void this.#answerTrigger(message);
      case "drawer":
        return this.#answer(message.request, message.value, message.error);
      case "connections":
        return this.#answer(message.request, connectionsOf(message), null);
      case "secret":
        return this.#answer(message.request, message.value, message.error);
      case "ping":
        return this.#outbox.push({ kind: "pong", beat: message.beat, rssBytes: process.memoryUsage.rss() });
      case "exit":
        return this.#parked.whenStopped(() => process.exit(0));
    }
  }

  /** Of the task whose code runs, when only one has. */
  get onlyAttempt(): Attempt | null {
    return this.#live.size === 1 ? ([...this.#live][0] ?? null) : null;
  }

  #start(slot: number, task: Assignment): void {
    const turn = ++this.#turns;
    if (!this.#gate.take(slot, turn)) return this.#outbox.push({ kind: "dropped", slot, turn });
    const startedAt = systemClock.now();
    const { taskRunId, claim } = task;
    const parked = this.#parked.take(task);
    const run = this.#runs.get(task.runId);
    if (!parked && !run) {
      const outcome = failure(new TuttiError("RUN_UNKNOWN", `Run "${task.runId}" was not opened in this child.`), []);
      return this.#tell(slot, { kind: "finished", taskRunId, claim, startedAt, endedAt: startedAt, outcome });
    }
    this.#outbox.started(slot, { kind: "started", taskRunId, claim, at: startedAt });
    const attempt = parked ?? new Attempt(run!.info, task, slot, this.#ports);
    attempt.startedAt = startedAt;
    this.#live.add(attempt);
    if (parked) return parked.resume(task, slot);
    this.#run(attempt);
  }

  /** Of its present execution. */
  readonly #end: Ended = (outcome, attempt) => {
    const { taskRunId, claim } = attempt.task;
    // Its code came to an end after its host had given it up.
    if (!this.#live.delete(attempt)) return this.#parked.ended(attempt);
    const { startedAt } = attempt;
    const endedAt = systemClock.now();
    this.#tell(attempt.slot, { kind: "finished", taskRunId, claim, startedAt, endedAt, outcome });
  };

  #tell(slot: number, finished: Finished): void {
    this.#outbox.finished(slot, finished);
  }

  #run(attempt: Attempt): void {
    const { version } = attempt.run;
    const loaded = this.#code.loaded(version);
    if (loaded) return this.#execute(attempt, loaded);
    const { taskRunId, claim } = attempt.task;
    this.#code.load(version, { taskRunId, claim }).then(
      (late) => this.#execute(attempt, late),
      (error: unknown) => this.#end(failure(error, []), attempt),
    );
  }

  #execute(attempt: Attempt, version: LoadedVersion): void {
    this.#gate.inside = attempt.slot;
    execute(attempt, version, this.#end);
    this.#gate.inside = null;
  }

  #abort(taskRunId: number, claim: number, reason: AbortReason): void {
    for (const attempt of this.#live)
      if (attempt.task.taskRunId === taskRunId && attempt.task.claim === claim) attempt.abort(reason);
  }

  async #parse({ request, version, input }: ToChild & { kind: "parse" }): Promise<void> {
    const result = await this.#code.load(version).then(
      (loaded) => parseParams(loaded, input),
      (error: unknown) => ({ ok: false as const, error: toErrorData(error) }),
    );
    this.#outbox.push({ kind: "parsed", request, result });
  }

  async #alert({ request, call }: ToChild & { kind: "alert" }): Promise<void> {
    const error = await tellReceiver(call, {
      version: (info) => this.#code.load(info),
      alone: (work) => this.#code.alone(work),
      connections: (names) => this.#connections(names, null, null),
    });
    this.#outbox.push({ kind: "alerted", request, error });
  }

  async #answerTrigger({ request, version, question }: ToChild & { kind: "ask" }): Promise<void> {
    const answer = await this.#code.load(version).then(
      (loaded) => askTrigger(loaded, question),
      (error: unknown) => ({ ok: false as const, error: toErrorData(error) }),
    );
    this.#outbox.push({ kind: "asked", request, answer });
  }

  #shared(runId: string, key: string): string {
    const text = this.#runs.get(runId)?.shared.get(key);
    if (text === undefined)
      throw new TuttiError("VALUE_UNREADABLE", `A shared part of the input, ${JSON.stringify(key)}, did not arrive.`);
    return text;
  }

  #connections(names: readonly string[], workflow: string | null, task: TaskClaim | null) {
    return this.#ask<Readonly<Record<string, unknown>>>((request) => ({
      kind: "connections",
      request,
      names,
      workflow,
      task,
    }));
  }

  #ask<T>(message: (request: number) => Parameters<Outbox["push"]>[0]): Promise<T> {
    const request = ++this.#requests;
    return new Promise<T>((resolve, reject) => {
      this.#asked.set(request, { resolve, reject });
      this.#outbox.push(message(request));
    });
  }

  #answer(request: number, value: unknown, error: ErrorData | null): void {
    const asked = this.#asked.get(request);
    this.#asked.delete(request);
    if (error !== null) asked?.reject(new TuttiError(error.code ?? "DRAWER_FAILED", error.message));
    else asked?.resolve(value as never);
  }
}

const connectionsOf = ({ urls, problems }: ToChild & { kind: "connections" }): Readonly<Record<string, unknown>> => ({
  ...urls,
  ...Object.fromEntries(Object.entries(problems).map(([name, error]) => [name, new ConnectionProblem(error)])),
});
