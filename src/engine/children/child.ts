import process from "node:process";
import { ToChildPacker, unpackFromChild, type WireFromChild, type WireToChild } from "../../runtime/wire.ts";
import type { AbortReason, FromChild, ToChild, WatchdogAnswer, WatchdogQuestion } from "../../runtime/protocol.ts";
import type { ChildExit } from "./crash.ts";
import { forkChild, type ForkedChild } from "./fork-child.ts";
import type { HostedTask } from "./hosted-task.ts";
import type { HostSettings } from "./host-options.ts";
import { LastLines } from "./last-lines.ts";
import { eachLine } from "./line-stream.ts";

/** `shared`: many tasks. `apart`: one task, then it ends. */
export type ChildRole = "shared" | "apart";

/** `retiring`: takes nothing new, ends with its last task. */
export type ChildState = "starting" | "warm" | "retiring" | "dead";

export interface ChildEvents {
  messages(child: Child, batch: readonly FromChild[]): void;
  watchdog(child: Child, answer: WatchdogAnswer): void;
  ended(child: Child, exit: ChildExit): void;
  output(line: string): void;
}

/** A retired process that does not end by itself is killed after this. */
const EXIT_LIMIT_MS = 2_000;

/** For the last lines of a process that has ended. */
const DRAIN_LIMIT_MS = 200;

/** One child process as its host sees it: what it holds, and whether it has been heard of. */
export class Child {
  readonly role: ChildRole;
  state: ChildState = "starting";
  readonly tasks = new Map<number, HostedTask>();
  readonly versions = new Set<string>();
  readonly runs = new Set<string>();
  readonly shared = new Set<string>();
  readonly lines = new LastLines();
  /** Tasks sent to it so far: the turn of the last one. It counts them too. */
  served = 0;
  /** Of these, how many had their code in it already. */
  resumed = 0;
  rssBytes = 0;
  wasWarm = false;
  /** Used up: it goes as soon as another one is warm. */
  worn = false;
  /** Code of an attempt that was given up may still run in it. */
  tainted = false;
  heardAt = performance.now();
  pinged = false;
  blockedSince: number | null = null;
  /** Whether its watchdog has said what blocks it. */
  blockExplained = false;
  /** The task whose code blocks it, as far as the watchdog could tell, and where. */
  blocker: HostedTask | null = null;
  blockedWhere: string | null = null;
  readonly #forked: ForkedChild;
  readonly #events: ChildEvents;
  readonly #freeSlots: number[];
  readonly #packer = new ToChildPacker();
  #outgoing: WireToChild[] = [];
  #ended = false;
  #beat = 0;

  constructor(role: ChildRole, settings: HostSettings, events: ChildEvents) {
    this.role = role;
    this.#events = events;
    this.#freeSlots = Array.from(
      { length: role === "apart" ? 1 : settings.tasksPerChild },
      (_, slot) => slot,
    ).reverse();
    this.#forked = forkChild(settings);
    this.#listen();
  }

  get pid(): number | undefined {
    return this.#forked.process.pid;
  }

  get free(): number {
    return this.#freeSlots.length;
  }

  /** Sends a task with the next flush. */
  take(task: HostedTask): void {
    const slot = this.#freeSlots.pop();
    if (slot === undefined) throw new RangeError("no free slot in this child");
    const now = performance.now();
    // It had nothing to say until now.
    if (this.tasks.size === 0) this.heardAt = now;
    task.child = this;
    task.slot = slot;
    task.turn = ++this.served;
    task.sentAt = now;
    this.tasks.set(slot, task);
    // What goes on is no other task.
    if (task.home === this) this.resumed++;
    this.send({ kind: "start", slot, task: task.assignment });
  }

  /** A task of its has ended. The code of one that was given up may still be at it: then no slot is used again. */
  give(task: HostedTask): void {
    this.tasks.delete(task.slot);
    if (!this.tainted) this.freeSlot(task.slot);
  }

  /** A task of its that has not started goes elsewhere. The slot is free again when the child has seen that. */
  takeBack(task: HostedTask): void {
    this.tasks.delete(task.slot);
    task.child = null;
  }

  /** Code of its that waits without a slot is to stop. */
  drop(
    task: { readonly runId: string; readonly taskRunId: number; readonly claim: number },
    reason: AbortReason,
  ): void {
    const { runId, taskRunId, claim } = task;
    this.send({ kind: "drop", runId, taskRunId, claim, reason });
  }

  freeSlot(slot: number): void {
    this.#freeSlots.push(slot);
  }

  /** Sent with the next flush. */
  send(message: ToChild): void {
    this.#outgoing.push(this.#packer.pack(message));
  }

  flush(): void {
    if (this.#outgoing.length === 0 || this.state === "dead") return;
    const batch = this.#outgoing;
    this.#outgoing = [];
    // The callback keeps a failed write from being thrown; the exit tells all there is to tell.
    this.#forked.process.send(batch, undefined, undefined, () => {});
  }

  ping(): void {
    this.pinged = true;
    this.send({ kind: "ping", beat: ++this.#beat });
    this.flush();
  }

  ask(question: WatchdogQuestion): void {
    this.#forked.watchdog.write(`${JSON.stringify(question)}\n`);
  }

  /** Takes nothing new; ends now if it has nothing, else with its last task. */
  retire(): void {
    if (this.state === "dead") return;
    this.state = "retiring";
    this.endIfIdle();
  }

  endIfIdle(): void {
    if (this.state !== "retiring" || this.tasks.size > 0) return;
    if (this.tainted) return this.kill();
    this.send({ kind: "exit" });
    this.flush();
    setTimeout(() => this.kill(), EXIT_LIMIT_MS).unref();
  }

  /** The process and all that its tasks have spawned. */
  kill(): void {
    if (!this.#ended && !this.#killGroup()) this.#forked.process.kill("SIGKILL");
  }

  #killGroup(): boolean {
    if (this.pid === undefined) return false;
    try {
      return process.kill(-this.pid, "SIGKILL");
    } catch {
      return false;
    }
  }

  #listen(): void {
    const { process: child, stdout, stderr, watchdog } = this.#forked;
    child.on("message", (batch: readonly WireFromChild[]) => this.#events.messages(this, batch.map(unpackFromChild)));
    child.once("error", (error) => this.#end({ code: null, signal: null, lines: [error.message] }));
    child.once(
      "exit",
      (code, signal) => void this.#drained().then(() => this.#end({ code, signal, lines: this.lines.lines })),
    );
    for (const stream of [stdout, stderr]) {
      eachLine(stream, (line) => {
        this.lines.add(line);
        this.#events.output(line);
      });
    }
    eachLine(watchdog, (line) => this.#events.watchdog(this, JSON.parse(line) as WatchdogAnswer));
    watchdog.on("error", () => {});
  }

  /** What the process said last is read after its exit is known. Something it spawned may hold its streams open: that is not waited for. */
  #drained(): Promise<unknown> {
    const { process: child } = this.#forked;
    const closed = new Promise((resolve) => child.once("close", resolve));
    const disconnected = child.connected
      ? new Promise((resolve) => child.once("disconnect", resolve))
      : Promise.resolve();
    return Promise.race([
      Promise.all([closed, disconnected]),
      new Promise((resolve) => setTimeout(resolve, DRAIN_LIMIT_MS)),
    ]);
  }

  #end(exit: ChildExit): void {
    if (this.#ended) return;
    this.#ended = true;
    this.state = "dead";
    this.#forked.watchdog.destroy();
    this.#killGroup();
    this.#events.ended(this, exit);
  }
}
