import { systemClock } from "../core/clock.ts";
import { toErrorData } from "../core/error-data.ts";
import { TuttiError, type ErrorData } from "../core/errors.ts";
import { Attempt, type AttemptPorts } from "./attempt.ts";
import { Code, type LoadedVersion } from "./code.ts";
import { execute } from "./executor.ts";
import { failure } from "./failure.ts";
import type { Gate } from "./gate.ts";
import type { Outbox } from "./outbox.ts";
import { parseParams } from "./params.ts";
import type { AbortReason, Assignment, ChildSettings, Outcome, RunInfo, ToChild } from "./protocol.ts";

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
    connections: (names) => this.#ask((request) => ({ kind: "connections", request, names })),
  });
  readonly #runs = new Map<string, { readonly info: RunInfo; readonly shared: Map<string, string> }>();
  readonly #live = new Set<Attempt>();
  readonly #asked = new Map<number, Asked>();
  #requests = 0;

  constructor(settings: ChildSettings, outbox: Outbox, gate: Gate) {
    this.#outbox = outbox;
    this.#gate = gate;
    this.#ports = {
      ...settings,
      logLimits: { lineLength: settings.logLineLength, attemptBytes: settings.logAttemptBytes },
      now: () => systemClock.now(),
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
        return void this.#runs.delete(message.runId);
      case "abort":
        return this.#abort(message.taskRunId, message.claim, message.reason);
      case "parse":
        return void this.#parse(message);
      case "drawer":
        return this.#answer(message.request, message.value, message.error);
      case "connections":
        return this.#answer(message.request, message.urls, null);
      case "ping":
        return this.#outbox.push({ kind: "pong", beat: message.beat, rssBytes: process.memoryUsage.rss() });
      case "exit":
        return process.exit(0);
    }
  }

  /** Of the task whose code runs, when only one has. */
  get onlyAttempt(): Attempt | null {
    return this.#live.size === 1 ? ([...this.#live][0] ?? null) : null;
  }

  #start(slot: number, task: Assignment): void {
    if (!this.#gate.take(slot)) {
      this.#gate.free(slot);
      return this.#outbox.push({ kind: "dropped", slot });
    }
    const run = this.#runs.get(task.runId);
    const startedAt = systemClock.now();
    const end = (outcome: Outcome): void => {
      this.#gate.free(slot);
      this.#outbox.finished(slot, {
        kind: "finished",
        taskRunId: task.taskRunId,
        claim: task.claim,
        startedAt,
        endedAt: systemClock.now(),
        outcome,
      });
    };
    if (!run)
      return end(failure(new TuttiError("RUN_UNKNOWN", `Run "${task.runId}" was not opened in this child.`), []));
    this.#outbox.started(slot, { kind: "started", taskRunId: task.taskRunId, claim: task.claim, at: startedAt });
    const attempt = new Attempt(run.info, task, slot, this.#ports);
    this.#live.add(attempt);
    this.#run(attempt, (outcome) => {
      this.#live.delete(attempt);
      end(outcome);
    });
  }

  #run(attempt: Attempt, ended: (outcome: Outcome) => void): void {
    const { version } = attempt.run;
    const loaded = this.#code.loaded(version);
    if (loaded) return this.#execute(attempt, loaded, ended);
    this.#code.load(version).then(
      (late) => this.#execute(attempt, late, ended),
      (error: unknown) => ended(failure(error, [])),
    );
  }

  #execute(attempt: Attempt, version: LoadedVersion, ended: (outcome: Outcome) => void): void {
    this.#gate.inside = attempt.slot;
    execute(attempt, version, ended);
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

  #shared(runId: string, key: string): string {
    const text = this.#runs.get(runId)?.shared.get(key);
    if (text === undefined)
      throw new TuttiError("VALUE_UNREADABLE", `A shared part of the input, ${JSON.stringify(key)}, did not arrive.`);
    return text;
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
