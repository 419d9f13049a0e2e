import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LimitStore } from "./limit-store.ts";
import { monotonicMs } from "./monotonic.ts";

const CHILDREN = 2;
const TASKS_PER_CHILD = 16;

/** A task on its way to a child. */
export interface Assigned {
  readonly id: number;
}

/** What a child says about a task. Its output: when its first line ran. */
export interface Done extends Assigned {
  readonly startedAt: number;
  readonly endedAt: number;
  readonly output: string;
}

/**
 * The least that the design demands of any engine, and so what this machine can do just now: the engine is judged by it.
 * A task's claim is durable before its code starts; its result is durable in the commit that claims the next one. All that
 * has arrived in a turn of the loop is one transaction (`limit-store.ts` says what it writes); tasks run in two processes, 16
 * at once each; messages travel in batches. On two quiet cores: 24,000 tasks a second, 0.49 ms a hop.
 *
 * Left out: graph and decisions, all runs but one, queued rows, counters, inputs, the value codec, contexts, logs,
 * timeouts, cancelling, and whatever else a child may do wrong.
 */
export class Limit {
  readonly #folder: string;
  readonly #store: LimitStore;
  readonly #children: readonly ChildProcess[];
  readonly #childOf = new Map<number, number>();
  #arrived: Done[] = [];
  #scheduled = false;
  #nextId = 1;
  #left = 0;
  #atOnce = 0;
  #ended: (lastStart: number) => void = () => {};

  private constructor(folder: string, store: LimitStore, children: readonly ChildProcess[]) {
    this.#folder = folder;
    this.#store = store;
    this.#children = children;
    for (const child of children) child.on("message", (done: readonly Done[]) => this.#take(done));
  }

  static async open(): Promise<Limit> {
    const folder = await mkdtemp(join(tmpdir(), "tutti-limit-"));
    const children = Array.from({ length: CHILDREN }, () => fork(new URL("limit-child.ts", import.meta.url)));
    await Promise.all(children.map((child) => once(child, "message")));
    const limit = new Limit(folder, new LimitStore(join(folder, "limit.db")), children);
    for (let warmUp = 0; warmUp < 3; warmUp++) await limit.tasksPerSecond();
    return limit;
  }

  /** Of independent tasks. */
  async tasksPerSecond(count = 10_000): Promise<number> {
    const start = monotonicMs();
    await this.#work(count, CHILDREN * TASKS_PER_CHILD);
    return (count / (monotonicMs() - start)) * 1000;
  }

  /** From task to task in a chain. */
  async hopMs(count = 400): Promise<number> {
    const start = monotonicMs();
    await this.#work(count, 1);
    return (monotonicMs() - start) / count;
  }

  /** From a trigger to the first line of its task's code. */
  async triggerMs(): Promise<number> {
    const start = monotonicMs();
    return (await this.#work(1, 1)) - start;
  }

  async close(): Promise<void> {
    for (const child of this.#children) child.disconnect();
    this.#store.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Answers when the last task's first line ran. */
  #work(count: number, atOnce: number): Promise<number> {
    this.#left = count;
    this.#atOnce = atOnce;
    return new Promise((resolve) => {
      this.#ended = resolve;
      this.#turn();
    });
  }

  #take(done: readonly Done[]): void {
    this.#arrived.push(...done);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#scheduled = false;
    const arrived = this.#arrived;
    this.#arrived = [];
    for (const { id } of arrived) this.#childOf.delete(id);
    const batches = this.#claim();
    this.#store.commit(arrived, batches.flat());
    batches.forEach((batch, child) => batch.length > 0 && this.#children[child]!.send(batch));
    if (this.#childOf.size === 0) this.#ended(Number(arrived.at(-1)?.output));
  }

  /** What fits, for each child. */
  #claim(): Assigned[][] {
    const batches: Assigned[][] = this.#children.map(() => []);
    const busy = this.#children.map(() => 0);
    for (const child of this.#childOf.values()) busy[child]!++;
    for (; this.#left > 0 && this.#childOf.size < this.#atOnce; this.#left--) {
      const id = this.#nextId++;
      const child = busy.indexOf(Math.min(...busy));
      this.#childOf.set(id, child);
      batches[child]!.push({ id });
      busy[child]!++;
    }
    return batches;
  }
}
