import { toErrorData } from "../../core/error-data.ts";
import type { ErrorData } from "../../core/errors.ts";
import type {
  AbortReason,
  AlertCall,
  Assignment,
  FromChild,
  ParsedParams,
  RunInfo,
  TriggerAnswer,
  TriggerQuestion,
  VersionInfo,
} from "../../runtime/protocol.ts";
import type { HostListener, WorkerHost } from "../worker-host.ts";
import { BlockWatch } from "./block-watch.ts";
import type { Child } from "./child.ts";
import { CallDesk } from "./call-desk.ts";
import { answerConnections, answerDrawer, answerSecret } from "./child-answers.ts";
import { ChildPool } from "./child-pool.ts";
import { type ChildExit, crashError } from "./crash.ts";
import { alertCall, parseCall, triggerCall } from "./desk-calls.ts";
import { HostSecrets } from "./host-secrets.ts";
import { type ChildHostOptions, type HostSettings, hostSettings } from "./host-options.ts";
import type { HostedTask } from "./hosted-task.ts";
import { OpenRuns } from "./open-runs.ts";
import { ParkedTasks } from "./parked-tasks.ts";
import { Stopping } from "./stopping.ts";
import { TaskBoard } from "./task-board.ts";
import { CLOSED, TaskLedger } from "./task-ledger.ts";

/**
 * A worker host over child processes. Tasks share warm children; the host times, cancels, kills and replaces.
 * Whatever a child does, every task that was started here ends with one `finished` or one `lost`.
 */
export class ChildProcessHost implements WorkerHost {
  readonly name: string;
  readonly slots: number;
  readonly processes: number;
  readonly #settings: HostSettings;
  readonly #secrets: HostSecrets;
  readonly #runs: OpenRuns;
  readonly #pool: ChildPool;
  readonly #board: TaskBoard;
  readonly #parked = new ParkedTasks();
  readonly #ledger: TaskLedger;
  readonly #watch: BlockWatch;
  readonly #stopping: Stopping;
  readonly #desk: CallDesk;
  #closing: (() => void) | null = null;

  constructor(options: ChildHostOptions) {
    const settings = hostSettings(options);
    this.#settings = settings;
    this.name = settings.name;
    this.slots = settings.slots;
    this.processes = settings.children;
    this.#secrets = new HostSecrets(settings.secrets);
    this.#runs = new OpenRuns(settings.name);
    this.#pool = new ChildPool(settings, {
      messages: (child, batch) => this.#hearAll(child, batch),
      watchdog: (child, answer) => this.#watch.answered(child, answer),
      ended: (child, exit) => this.#childEnded(child, exit),
      output: (line) => settings.onOutput(this.#secrets.text(line)),
      ready: () => this.#place(),
      cannotStart: (error) => this.#giveBack(toErrorData(error)),
    });
    this.#board = new TaskBoard(settings, this.#pool, this.#runs);
    this.#ledger = new TaskLedger(this.#board, this.#parked, this.#secrets, settings.clock);
    this.#watch = new BlockWatch({
      blockedMs: settings.blockedMs,
      children: this.#pool.children,
      answered: (child, { unstarted, started }) => {
        for (const task of tasksOf(child, started)) if (task.startedAt === null) this.#noteStart(task, task.sentAt);
        this.#takeBack(child, tasksOf(child, unstarted));
      },
      unblocked: (child, blockedMs) => this.#stopping.deadlines.unblocked(child, blockedMs),
    });
    this.#stopping = new Stopping(this.#ledger, this.#pool, settings, this.#watch.beatMs);
    this.#desk = new CallDesk((child) => this.#stopping.sicken(child));
  }

  reserve(): () => void {
    return () => {};
  }

  listen(listener: HostListener): void {
    this.#ledger.listener = listener;
    this.#pool.maintain();
  }

  openRun(run: RunInfo): void {
    this.#runs.open(run);
  }

  forgetRun(runId: string): void {
    this.#runs.forget(runId, this.#pool.children);
  }

  share(runId: string, key: string, text: string): void {
    this.#runs.share(runId, key, text);
  }

  start(tasks: readonly Assignment[]): void {
    for (const { runId } of tasks) this.#runs.info(runId);
    for (const assignment of tasks) this.#ledger.add(assignment);
    if (this.#pool.failing) return this.#giveBack(toErrorData(this.#pool.failing));
    this.#place();
  }

  abort(taskRunId: number, claim: number, reason: AbortReason): void {
    const task = this.#ledger.find(taskRunId, claim);
    if (task) return this.#stopping.abort(task, reason);
    const parked = this.#parked.drop(taskRunId, claim);
    parked?.child.drop({ ...parked, taskRunId }, reason);
    parked?.child.flush();
  }

  parseParams(version: VersionInfo, input: string | null): Promise<ParsedParams> {
    return this.#asked(this.#desk.ask(parseCall(version, input, this.#settings.parseLimitMs)));
  }

  tell(call: AlertCall): Promise<ErrorData | null> {
    return this.#asked(this.#desk.ask(alertCall(call)));
  }

  askTrigger(version: VersionInfo, question: TriggerQuestion): Promise<TriggerAnswer> {
    return this.#asked(this.#desk.ask(triggerCall(version, question, this.#settings.parseLimitMs)));
  }

  #asked<Answer>(answer: Promise<Answer>): Promise<Answer> {
    if (this.#pool.failing) this.#desk.failed(null, toErrorData(this.#pool.failing));
    this.#pool.maintain();
    this.#desk.place(this.#pool.children);
    return answer;
  }

  async close(graceMs: number): Promise<void> {
    this.#pool.close();
    this.#giveBack(CLOSED);
    for (const child of this.#pool.children) child.retire();
    const closed = new Promise<void>((resolve) => (this.#closing = resolve));
    const late = setTimeout(() => {
      for (const child of this.#pool.children) this.#stopping.kill(child);
    }, graceMs);
    this.#closeIfEmpty();
    await closed;
    clearTimeout(late);
    this.#watch.stop();
  }

  #closeIfEmpty(): void {
    if (this.#pool.children.size === 0) this.#closing?.();
  }

  #place(): void {
    this.#board.place();
    this.#desk.place(this.#pool.children);
    for (const child of this.#pool.children) child.flush();
    this.#watch.wake();
  }

  #hearAll(child: Child, batch: readonly FromChild[]): void {
    this.#watch.heard(child);
    for (const message of batch) this.#hear(child, message);
    this.#place();
  }

  #hear(child: Child, message: FromChild): void {
    const { listener } = this.#ledger;
    switch (message.kind) {
      case "finished":
        return this.#ledger.ended(message);
      case "started":
        return this.#started(message);
      case "log":
        child.lines.add(message.line.message);
        return listener?.log(this.#secrets.line(message.line));
      case "progress":
        return this.#progress(message);
      case "wake":
        return listener?.wake(message.runId, message.taskRunId, message.claim);
      case "drawer":
        return void (listener && answerDrawer(child, message, listener));
      case "connections":
        return void answerConnections(child, message, this.#settings, this.#secrets);
      case "secret":
        return void answerSecret(child, message, this.#settings, this.#secrets);
      case "parsed":
        return this.#desk.answered(message.request, message.result);
      case "alerted":
        return this.#desk.answered(message.request, message.error && this.#secrets.error(message.error));
      case "asked":
        return this.#desk.answered(message.request, message.answer);
      case "dropped":
        // The watchdog says so as well, on another way: this may come first.
        this.#takeBack(child, tasksOf(child, [message.turn]));
        return child.freeSlot(message.slot);
      case "ready":
        return this.#pool.ready(child);
      case "pong":
        child.rssBytes = message.rssBytes;
        return this.#board.wearOut(child);
    }
  }

  #started({ taskRunId, claim, at }: FromChild & { kind: "started" }): void {
    const task = this.#ledger.find(taskRunId, claim);
    if (!task) return;
    task.startedInstant = at;
    // The watchdog may have told it before.
    if (task.startedAt === null) this.#noteStart(task, performance.now());
    this.#ledger.listener?.started(taskRunId, claim, at);
  }

  #noteStart(task: HostedTask, startedAt: number): void {
    task.startedAt = startedAt;
    this.#stopping.deadlines.started(task, startedAt);
  }

  #progress({ taskRunId, claim, done, total, note }: FromChild & { kind: "progress" }): void {
    this.#ledger.listener?.progress(taskRunId, claim, done, total, note === null ? null : this.#secrets.text(note));
  }

  /** Unstarted tasks of a blocked child go elsewhere, in front of what waits. */
  #takeBack(child: Child, tasks: readonly HostedTask[]): void {
    for (const task of tasks) child.takeBack(task);
    this.#board.addBack(tasks.filter((task) => task.abortedFor === null));
    for (const task of tasks) if (task.abortedFor !== null) this.#ledger.finishAborted(task);
    if (child.role === "apart" && tasks.length > 0) child.retire();
    this.#place();
  }

  #childEnded(child: Child, exit: ChildExit): void {
    const lines = exit.lines.map((line) => this.#secrets.text(line));
    const tasks = [...child.tasks.values()];
    const crash = crashError({ ...exit, lines }, tasks.length);
    this.#pool.ended(child, crash.message);
    this.#parked.forgetChild(child);
    this.#desk.failed(child, crash);
    for (const task of tasks) this.#endWith(task, child, crash, tasks.length);
    this.#place();
    this.#closeIfEmpty();
  }

  #endWith(task: HostedTask, child: Child, crash: ErrorData, tasks: number): void {
    if (task.endsWithChild !== null) return this.#ledger.finish(task, task.endsWithChild);
    if (task.abortedFor !== null) return this.#ledger.finishAborted(task);
    if (this.#closing !== null) return this.#ledger.lose(task, CLOSED);
    if (child.tainted) return this.#ledger.lose(task, KILLED_FOR_ANOTHER);
    if (tasks > 1) return this.#ledger.lose(task, crash);
    this.#ledger.finish(task, { state: "failed", error: crash, rule: null, retryAfterMs: null, final: false });
  }

  /** Nothing can run what waits. */
  #giveBack(why: ErrorData): void {
    for (const task of this.#board.waiting) this.#ledger.lose(task, why);
    this.#desk.failed(null, why);
  }
}

const tasksOf = (child: Child, turns: readonly number[]): readonly HostedTask[] =>
  [...child.tasks.values()].filter(({ turn }) => turns.includes(turn));

const KILLED_FOR_ANOTHER: ErrorData = {
  name: "ChildKilled",
  code: "CHILD_KILLED",
  message: "The process of this task was ended because another task in it did not stop in time.",
};
