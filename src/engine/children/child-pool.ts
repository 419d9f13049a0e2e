import { TuttiError } from "../../core/errors.ts";
import { Child, type ChildEvents, type ChildRole } from "./child.ts";
import type { HostSettings } from "./host-options.ts";

const BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 10_000;
/** Failed starts in a row after which what waits for a child is given back. */
const FAILURES_TOLD = 5;

export interface PoolEvents extends ChildEvents {
  /** A child can take tasks. */
  ready(child: Child): void;
  /** Several starts in a row have failed, and none is warm. It goes on trying, ever more slowly. */
  cannotStart(error: TuttiError): void;
}

/** Keeps as many warm processes as there should be: starts them, replaces those that are worn or gone, and backs off when they don't start. */
export class ChildPool {
  readonly children = new Set<Child>();
  /** Why the last start failed, while nothing starts. */
  failing: TuttiError | null = null;
  readonly #settings: HostSettings;
  readonly #events: PoolEvents;
  #closed = false;
  #apartWanted = 0;
  #failures = 0;
  #retry: NodeJS.Timeout | null = null;

  constructor(settings: HostSettings, events: PoolEvents) {
    this.#settings = settings;
    this.#events = events;
  }

  /** Starts what is missing. */
  maintain(): void {
    if (this.#closed || this.#retry !== null) return;
    while (this.#fresh("shared") < this.#settings.children) if (!this.#start("shared")) return;
    while (this.#fresh("apart") < this.#apartWanted) if (!this.#start("apart")) return;
  }

  /** How many processes for one task each should stand ready, or be on their way. */
  set apartWanted(count: number) {
    this.#apartWanted = count;
    this.maintain();
  }

  /** To be called when a child says so. */
  ready(child: Child): void {
    if (child.state !== "starting") return;
    child.state = "warm";
    child.wasWarm = true;
    this.#failures = 0;
    this.failing = null;
    // It replaces one that goes on until now, so that work never waits for a start.
    if (child.role === "shared") this.#worn()?.retire();
    this.#events.ready(child);
  }

  wear(child: Child): void {
    if (child.worn || child.state !== "warm") return;
    child.worn = true;
    this.maintain();
  }

  /** To be called when a child's process is gone. */
  ended(child: Child, why: string): void {
    this.children.delete(child);
    if (child.wasWarm) this.maintain();
    else this.#failed(why);
  }

  close(): void {
    this.#closed = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
  }

  /** Those that serve, or will, and are not to be replaced. */
  #fresh(role: ChildRole): number {
    let count = 0;
    for (const child of this.children) {
      const idle = role === "shared" || child.served === 0;
      if (child.role === role && idle && !child.worn && (child.state === "starting" || child.state === "warm")) count++;
    }
    return count;
  }

  #worn(): Child | undefined {
    return [...this.children].find((child) => child.worn && child.state === "warm");
  }

  #start(role: ChildRole): boolean {
    try {
      this.children.add(new Child(role, this.#settings, this.#events));
      return true;
    } catch (error) {
      this.#failed(error instanceof Error ? error.message : String(error));
      return false;
    }
  }

  #failed(why: string): void {
    if (this.#closed) return;
    this.#failures++;
    const delayMs = Math.min(BACKOFF_MS * 2 ** (this.#failures - 1), MAX_BACKOFF_MS);
    const error = new TuttiError(
      "CHILD_START_FAILED",
      `A process for tasks did not start (${this.#failures} times in a row): ${why}. Trying again in ${delayMs} ms.`,
    );
    this.#settings.onWarning(error);
    const warm = [...this.children].some((child) => child.state === "warm");
    if (this.#failures >= FAILURES_TOLD && !warm) {
      this.failing = error;
      this.#events.cannotStart(error);
    }
    this.#retry ??= setTimeout(() => {
      this.#retry = null;
      this.maintain();
    }, delayMs);
  }
}
