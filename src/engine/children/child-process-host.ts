import { TuttiError, type ErrorData } from "../../core/errors.ts";
import { toErrorData } from "../../core/error-data.ts";
import type { AbortReason, Assignment, Finished, FromChild, Outcome, ParsedParams, Part, RunInfo, VersionInfo } from "../../runtime/protocol.ts";
import type { HostListener, WorkerHost } from "../worker-host.ts";
import { abortOutcome } from "./abort-outcome.ts";
import { BlockWatch } from "./block-watch.ts";
import type { Child } from "./child.ts";
import { ChildPool } from "./child-pool.ts";
import { type ChildExit, crashError } from "./crash.ts";
import { Deadlines } from "./deadlines.ts";
import { HostSecrets } from "./host-secrets.ts";
import { type ChildHostOptions, type HostSettings, hostSettings } from "./host-options.ts";
import { HostedTask } from "./hosted-task.ts";
import { ParamsDesk } from "./params-desk.ts";
import { placeFor } from "./placement.ts";

interface OpenRun {
  readonly info: RunInfo;
  readonly shared: Map<string, string>;
}

/**
 * A worker host over child processes. Tasks share warm children; the host times, cancels, kills and replaces.
 * Whatever a child does, every task that was started here ends with one `finished` or one `lost`.
 */
export class ChildProcessHost implements WorkerHost {
  readonly name: string;
  readonly slots: number;
  readonly #settings: HostSettings;
  readonly #pool: ChildPool;
  readonly #watch: BlockWatch;
  readonly #deadlines: Deadlines;
  readonly #desk: ParamsDesk;
  readonly #secrets: HostSecrets;
  readonly #tasks = new Map<number, HostedTask>();
  readonly #runs = new Map<string, OpenRun>();
  /** Tasks that wait for room. No more than `slots` are ever here or in children. */
  #queue: HostedTask[] = [];
  #apartQueue: HostedTask[] = [];
  #apartSeen = false;
  #listener: HostListener | null = null;
  #closing: (() => void) | null = null;

  constructor(options: ChildHostOptions) {
    const settings = hostSettings(options);
    this.#settings = settings;
    this.name = settings.name;
    this.slots = settings.children * settings.tasksPerChild;
    this.#secrets = new HostSecrets(settings.secrets);
    this.#pool = new ChildPool(settings, {
      messages: (child, batch) => this.#take(child, batch),
      watchdog: (child, answer) => this.#watch.answered(child, answer),
      ended: (child, exit) => this.#childEnded(child, exit),
      output: (line) => settings.onOutput(this.#secrets.text(line)),
      ready: () => this.#place(),
      cannotStart: (error) => this.#giveBack(toErrorData(error)),
    });
    this.#watch = new BlockWatch({
      blockedMs: settings.blockedMs,
      children: this.#pool.children,
      answered: (child, unstarted) => this.#takeBack(child, unstarted),
      unblocked: (child, blockedMs) => this.#deadlines.unblocked(child, blockedMs),
    });
    this.#deadlines = new Deadlines(
      { graceMs: settings.graceMs, beatMs: this.#watch.beatMs, blockedMs: settings.blockedMs },
      {
        timedOut: (task) => this.#abort(task, "timed_out"),
        timedOutBlocking: (task) => this.#killFor(task, abortOutcome("timed_out", task.assignment.timeoutMs, null, task.child?.blockedWhere)),
        blockedByOneOf: (child) => this.#kill(child),
        graceOver: (task) => this.#giveUp(task),
      },
    );
    this.#desk = new ParamsDesk(settings.parseLimitMs, (child) => this.#sicken(child));
  }

  listen(listener: HostListener): void {
    this.#listener = listener;
    this.#pool.maintain();
  }

  openRun(run: RunInfo): void {
    this.#runs.set(run.runId, { info: run, shared: new Map() });
  }

  forgetRun(runId: string): void {
    this.#runs.delete(runId);
    for (const child of this.#pool.children) {
      if (!child.runs.delete(runId)) continue;
      child.shared.forEach((key) => key.startsWith(`${runId} `) && child.shared.delete(key));
      child.send({ kind: "forget", runId });
    }
  }

  share(runId: string, key: string, text: string): void {
    this.#runOf(runId).shared.set(key, text);
  }

  start(tasks: readonly Assignment[]): void {
    for (const assignment of tasks) {
      this.#runOf(assignment.runId);
      const task = new HostedTask(assignment);
      this.#tasks.set(assignment.taskRunId, task);
      if (assignment.isolation === "process") this.#apartQueue.push(task);
      else this.#queue.push(task);
    }
    if (this.#pool.failing) return this.#giveBack(toErrorData(this.#pool.failing));
    this.#place();
  }

  abort(taskRunId: number, claim: number, reason: AbortReason): void {
    const task = this.#find(taskRunId, claim);
    if (task) this.#abort(task, reason);
  }

  parseParams(version: VersionInfo, input: string | null): Promise<ParsedParams> {
    const parsed = this.#desk.ask(version, input);
    if (this.#pool.failing) this.#desk.failed(null, toErrorData(this.#pool.failing));
    this.#pool.maintain();
    this.#desk.place(this.#pool.children);
    return parsed;
  }

  async close(graceMs: number): Promise<void> {
    this.#pool.close();
    this.#giveBack(CLOSED);
    for (const child of this.#pool.children) child.retire();
    const closed = new Promise<void>((resolve) => (this.#closing = resolve));
    const late = setTimeout(() => this.#pool.children.forEach((child) => this.#kill(child)), graceMs);
    this.#closeIfEmpty();
    await closed;
    clearTimeout(late);
    this.#watch.stop();
  }

  #closeIfEmpty(): void {
    if (this.#pool.children.size === 0) this.#closing?.();
  }

  #runOf(runId: string): OpenRun {
    const run = this.#runs.get(runId);
    if (!run) throw new TuttiError("RUN_UNKNOWN", `Run "${runId}" was not opened on worker "${this.name}".`);
    return run;
  }

  /** Of this claim: another one of the same task run is another attempt's. */
  #find(taskRunId: number, claim: number): HostedTask | null {
    const task = this.#tasks.get(taskRunId);
    return task?.assignment.claim === claim ? task : null;
  }

  #place(): void {
    while (this.#queue.length > 0) {
      const task = this.#queue[0] as HostedTask;
      const child = placeFor(this.#runOf(task.assignment.runId).info.version.hash, this.#pool.children);
      if (!child) break;
      this.#queue.shift();
      this.#assign(task, child);
    }
    this.#placeApart();
    this.#desk.place(this.#pool.children);
    for (const child of this.#pool.children) child.flush();
  }

  #placeApart(): void {
    if (this.#apartQueue.length > 0) this.#apartSeen = true;
    if (!this.#apartSeen) return;
    let running = 0;
    for (const child of this.#pool.children) if (child.role === "apart" && child.served > 0) running++;
    for (const child of this.#pool.children) {
      if (this.#apartQueue.length === 0 || running >= this.#settings.maxApart) break;
      if (child.role !== "apart" || child.state !== "warm" || child.served > 0) continue;
      this.#assign(this.#apartQueue.shift() as HostedTask, child);
      running++;
    }
    // One more stands ready for the next: its start is not part of that task's time.
    this.#pool.apartWanted = Math.min(this.#apartQueue.length, this.#settings.maxApart - running) + 1;
  }

  #assign(task: HostedTask, child: Child): void {
    const { runId, values } = task.assignment;
    const run = this.#runOf(runId);
    const now = performance.now();
    if (child.tasks.size === 0) child.heardAt = now;
    task.child = child;
    task.slot = child.takeSlot();
    task.sentAt = now;
    child.tasks.set(task.slot, task);
    child.served++;
    child.versions.add(run.info.version.hash);
    if (!child.runs.has(runId)) {
      child.runs.add(runId);
      child.send({ kind: "run", run: run.info });
    }
    if (run.shared.size > 0) for (const part of Object.values(values)) this.#sendShared(part, run, child);
    child.send({ kind: "start", slot: task.slot, task: task.assignment });
    this.#wearOut(child);
    this.#watch.wake();
  }

  #sendShared(part: Part, run: OpenRun, child: Child): void {
    if (part.kind === "gathered") return part.items.forEach((item) => this.#sendShared(item, run, child));
    if (part.kind === "settled") return part.items.forEach(({ value }) => value !== null && this.#sendShared(value, run, child));
    if (part.kind !== "shared") return;
    const key = `${run.info.runId} ${part.key}`;
    const text = run.shared.get(part.key);
    if (child.shared.has(key) || text === undefined) return;
    child.shared.add(key);
    child.send({ kind: "share", runId: run.info.runId, key: part.key, text });
  }

  #wearOut(child: Child): void {
    const { maxTasksPerChild, childVersions, maxMemoryBytes } = this.#settings;
    if (child.role === "shared" && (child.served >= maxTasksPerChild || child.versions.size > childVersions || child.rssBytes > maxMemoryBytes)) this.#pool.wear(child);
  }

  #take(child: Child, batch: readonly FromChild[]): void {
    this.#watch.heard(child);
    for (const message of batch) this.#hear(child, message);
    this.#place();
  }

  #hear(child: Child, message: FromChild): void {
    switch (message.kind) {
      case "finished":
        return this.#finished(message);
      case "started":
        return this.#started(message);
      case "log":
        child.lines.add(message.line.message);
        return this.#listener?.log(this.#secrets.line(message.line));
      case "progress":
        return this.#listener?.progress(message.taskRunId, message.claim, message.done, message.total, message.note === null ? null : this.#secrets.text(message.note));
      case "drawer":
        return void this.#drawer(child, message);
      case "connections":
        return this.#connections(child, message.request, message.names);
      case "parsed":
        return this.#desk.answered(message.request, message.result);
      case "dropped":
        return child.freeSlot(message.slot);
      case "ready":
        return this.#pool.ready(child);
      case "pong":
        child.rssBytes = message.rssBytes;
        return this.#wearOut(child);
    }
  }

  #started({ taskRunId, claim, at }: FromChild & { kind: "started" }): void {
    const task = this.#find(taskRunId, claim);
    if (!task) return;
    task.startedInstant = at;
    // The watchdog may have told it before.
    if (task.startedAt === null) this.#noteStart(task, performance.now());
    this.#listener?.started(taskRunId, claim, at);
  }

  #noteStart(task: HostedTask, startedAt: number): void {
    task.startedAt = startedAt;
    this.#deadlines.started(task, startedAt);
  }

  #finished(message: Finished): void {
    const task = this.#find(message.taskRunId, message.claim);
    if (!task || task.endsWithChild !== null) return;
    const outcome = task.abortedFor === null ? message.outcome : abortOutcome(task.abortedFor, task.assignment.timeoutMs, message.outcome);
    this.#release(task);
    if (outcome === null) this.#listener?.lost(message.taskRunId, message.claim, CLOSED);
    else this.#listener?.finished({ ...message, outcome: this.#secrets.outcome(outcome) });
  }

  /** Ends a task without its child's word. */
  #finish(task: HostedTask, outcome: Outcome): void {
    const { taskRunId, claim } = task.assignment;
    this.#release(task);
    this.#listener?.finished({ kind: "finished", taskRunId, claim, startedAt: task.startedInstant, endedAt: this.#settings.clock.now(), outcome: this.#secrets.outcome(outcome) });
  }

  #lose(task: HostedTask, why: ErrorData): void {
    this.#release(task);
    this.#listener?.lost(task.assignment.taskRunId, task.assignment.claim, this.#secrets.error(why));
  }

  #release(task: HostedTask): void {
    task.clearTimer();
    this.#tasks.delete(task.assignment.taskRunId);
    const { child } = task;
    if (child === null) {
      this.#queue = this.#queue.filter((other) => other !== task);
      this.#apartQueue = this.#apartQueue.filter((other) => other !== task);
      return;
    }
    child.tasks.delete(task.slot);
    // The code of an attempt that was given up may still be at it: its slot is never used again.
    if (!child.tainted) child.freeSlot(task.slot);
    if (child.role === "apart") child.retire();
    else child.endIfIdle();
  }

  #abort(task: HostedTask, reason: AbortReason): void {
    if (task.abortedFor !== null) return;
    const { taskRunId, claim, timeoutMs } = task.assignment;
    task.abortedFor = reason;
    if (task.child === null) {
      const outcome = abortOutcome(reason, timeoutMs, null);
      return outcome === null ? this.#lose(task, CLOSED) : this.#finish(task, outcome);
    }
    task.child.send({ kind: "abort", taskRunId, claim, reason });
    task.child.flush();
    this.#deadlines.aborted(task);
  }

  /** Its signal went unheard. Alone, or where nobody can go on, its process is killed; else its siblings may end first. */
  #giveUp(task: HostedTask): void {
    const { child } = task;
    if (child === null || task.abortedFor === null) return;
    const outcome = abortOutcome(task.abortedFor, task.assignment.timeoutMs, null, child.blockedWhere);
    if (child.tasks.size === 1 || child.blockedSince !== null) return this.#killFor(task, outcome);
    child.tainted = true;
    child.state = "retiring";
    if (outcome === null) this.#lose(task, CLOSED);
    else this.#finish(task, outcome);
    this.#pool.maintain();
  }

  #killFor(task: HostedTask, outcome: Outcome | null): void {
    task.clearTimer();
    task.endsWithChild = outcome;
    if (task.child) this.#kill(task.child);
  }

  #kill(child: Child): void {
    // From now on its death is nobody's crash.
    child.tainted = true;
    child.state = child.state === "dead" ? "dead" : "retiring";
    child.kill();
  }

  /** Something in it that is no task does not end. */
  #sicken(child: Child): void {
    if (child.tasks.size === 0 || child.blockedSince !== null) return this.#kill(child);
    child.tainted = true;
    child.retire();
    this.#pool.maintain();
  }

  /** Unstarted tasks of a blocked child go elsewhere, in front of what waits; of the others it is now known that they run. */
  #takeBack(child: Child, unstarted: readonly number[]): void {
    const back: HostedTask[] = [];
    for (const slot of unstarted) {
      const task = child.tasks.get(slot);
      if (!task) continue;
      // The slot is free again when the child has seen that it does not start.
      child.tasks.delete(slot);
      task.child = null;
      if (task.abortedFor === null) back.push(task);
      else this.#endAborted(task);
    }
    for (const task of child.tasks.values()) if (task.startedAt === null) this.#noteStart(task, task.sentAt);
    if (child.role === "apart") this.#apartQueue.unshift(...back);
    else this.#queue.unshift(...back);
    this.#place();
  }

  #endAborted(task: HostedTask): void {
    const outcome = task.abortedFor === null ? null : abortOutcome(task.abortedFor, task.assignment.timeoutMs, null);
    if (outcome === null) this.#lose(task, CLOSED);
    else this.#finish(task, outcome);
  }

  #childEnded(child: Child, exit: ChildExit): void {
    const lines = exit.lines.map((line) => this.#secrets.text(line));
    const tasks = [...child.tasks.values()];
    const crash = crashError({ ...exit, lines }, tasks.length);
    this.#pool.ended(child, crash.message);
    this.#desk.failed(child, crash);
    for (const task of tasks) this.#endWith(task, child, crash, tasks.length);
    this.#place();
    this.#closeIfEmpty();
  }

  #endWith(task: HostedTask, child: Child, crash: ErrorData, tasks: number): void {
    if (task.endsWithChild !== null) return this.#finish(task, task.endsWithChild);
    if (this.#closing !== null) return this.#lose(task, CLOSED);
    if (child.tainted) return this.#lose(task, KILLED_FOR_ANOTHER);
    if (tasks > 1) return this.#lose(task, crash);
    if (task.abortedFor !== null) return this.#endAborted(task);
    this.#finish(task, { state: "failed", error: crash, rule: null, retryAfterMs: null, final: false });
  }

  /** Nothing can run what waits. */
  #giveBack(why: ErrorData): void {
    for (const task of [...this.#queue, ...this.#apartQueue]) this.#lose(task, why);
    this.#desk.failed(null, why);
  }

  async #drawer(child: Child, { request, taskRunId, claim, drawer, key, value }: FromChild & { kind: "drawer" }): Promise<void> {
    const answer = await this.#listener!.drawer(taskRunId, claim, drawer, key, value).then(
      (text) => ({ value: text, error: null }),
      (error: unknown) => ({ value: null, error: toErrorData(error) }),
    );
    child.send({ kind: "drawer", request, ...answer });
    child.flush();
  }

  #connections(child: Child, request: number, names: readonly string[]): void {
    const urls: Record<string, string> = {};
    for (const name of names) {
      const url = this.#settings.connections(name);
      if (url === null) continue;
      urls[name] = url;
      this.#secrets.addConnection(url);
    }
    child.send({ kind: "connections", request, urls });
    child.flush();
  }
}

const CLOSED: ErrorData = { name: "WorkerClosed", code: "WORKER_CLOSED", message: "The worker was closed before the task had ended." };
const KILLED_FOR_ANOTHER: ErrorData = { name: "ChildKilled", code: "CHILD_KILLED", message: "The process of this task was ended because another task in it did not stop in time." };
