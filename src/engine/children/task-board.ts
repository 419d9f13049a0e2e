import type { Child } from "./child.ts";
import type { ChildPool } from "./child-pool.ts";
import type { HostSettings } from "./host-options.ts";
import type { HostedTask } from "./hosted-task.ts";
import type { OpenRuns } from "./open-runs.ts";
import { placeFor } from "./placement.ts";

/** Tasks that wait for room, and who goes where. Holds no more than the host has slots. */
export class TaskBoard {
  readonly #settings: HostSettings;
  readonly #pool: ChildPool;
  readonly #runs: OpenRuns;
  #shared: HostedTask[] = [];
  /** Those whose code is in a child already. */
  #returning: HostedTask[] = [];
  #apart: HostedTask[] = [];
  #apartSeen = false;

  constructor(settings: HostSettings, pool: ChildPool, runs: OpenRuns) {
    this.#settings = settings;
    this.#pool = pool;
    this.#runs = runs;
  }

  get waiting(): readonly HostedTask[] {
    return [...this.#returning, ...this.#shared, ...this.#apart];
  }

  add(task: HostedTask): void {
    if (task.home) this.#returning.push(task);
    else if (task.assignment.isolation === "process") this.#apart.push(task);
    else this.#shared.push(task);
  }

  /** In front of what waits: it has waited before. */
  addBack(tasks: readonly HostedTask[]): void {
    this.#shared.unshift(...tasks.filter((task) => task.assignment.isolation === "shared"));
    this.#apart.unshift(...tasks.filter((task) => task.assignment.isolation === "process"));
  }

  remove(task: HostedTask): void {
    this.#returning = this.#returning.filter((other) => other !== task);
    this.#shared = this.#shared.filter((other) => other !== task);
    this.#apart = this.#apart.filter((other) => other !== task);
  }

  /** Hands what waits to children that have room. What it sends leaves with their next flush. */
  place(): void {
    if (this.#returning.length > 0) this.#return();
    for (let task = this.#shared[0]; task !== undefined; task = this.#shared[0]) {
      const child = placeFor(this.#runs.info(task.assignment.runId).version.hash, this.#pool.children);
      if (!child) break;
      this.#shared.shift();
      this.#assign(task, child);
    }
    if (this.#apart.length > 0) this.#apartSeen = true;
    if (this.#apartSeen) this.#placeApart();
  }

  #return(): void {
    const waiting = this.#returning;
    this.#returning = [];
    for (const task of waiting) {
      const { home } = task;
      if (home?.state !== "warm") this.#shared.push(task);
      else if (home.free === 0 || home.blockedSince !== null) this.#returning.push(task);
      else this.#assign(task, home);
    }
  }

  #placeApart(): void {
    const apart = [...this.#pool.children].filter((child) => child.role === "apart");
    let running = apart.filter((child) => child.served > 0).length;
    for (const child of apart) {
      const task = this.#apart[0];
      if (task === undefined || running >= this.#settings.maxApart) break;
      if (child.state !== "warm" || child.served > 0) continue;
      this.#apart.shift();
      this.#assign(task, child);
      running++;
    }
    // One more stands ready for the next: its start is not part of that task's time.
    this.#pool.apartWanted = Math.min(this.#apart.length, this.#settings.maxApart - running) + 1;
  }

  #assign(task: HostedTask, child: Child): void {
    this.#runs.tell(child, task.assignment);
    child.take(task);
    this.wearOut(child);
  }

  /** Has a child replaced that has done, or holds, enough. */
  wearOut(child: Child): void {
    const { maxTasksPerChild, childVersions, maxMemoryBytes } = this.#settings;
    if (child.role === "apart") return;
    const tasks = child.served - child.resumed;
    if (tasks >= maxTasksPerChild || child.versions.size > childVersions || child.rssBytes > maxMemoryBytes)
      this.#pool.wear(child);
  }
}
