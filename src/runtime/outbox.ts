import type { Finished, FromChild } from "./protocol.ts";

/** How long a line may wait while code keeps the loop busy. What was not sent when a process aborts is lost. */
const MAX_WAIT_MS = 5;

/** What a child has to say, sent once per turn of the loop: one system call carries many messages. */
export class Outbox {
  #messages: FromChild[] = [];
  /** Where in `#messages` each task's `started` waits. */
  readonly #startedAt = new Map<number, number>();
  #scheduled = false;
  #lastFlush = 0;
  readonly #send: (batch: FromChild[]) => void;

  constructor(send: (batch: FromChild[]) => void) {
    this.#send = send;
  }

  push(message: FromChild): void {
    this.#messages.push(message);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.flush);
  }

  started(slot: number, message: FromChild & { kind: "started" }): void {
    this.#startedAt.set(slot, this.#messages.length);
    this.push(message);
  }

  /** A task that starts and ends within one turn says only how it ended. */
  finished(slot: number, message: Finished): void {
    const place = this.#startedAt.get(slot);
    if (place !== undefined) this.#messages.splice(place, 1, NOTHING);
    this.push(message);
  }

  /** For what must not be lost with the process: at once when the last batch is a while ago, else with the turn. */
  pushSoon(message: FromChild): void {
    this.push(message);
    if (performance.now() - this.#lastFlush > MAX_WAIT_MS) this.flush();
  }

  readonly flush = (): void => {
    this.#scheduled = false;
    this.#lastFlush = performance.now();
    if (this.#messages.length === 0) return;
    const batch = this.#startedAt.size === 0 ? this.#messages : this.#messages.filter((message) => message !== NOTHING);
    this.#messages = [];
    this.#startedAt.clear();
    this.#send(batch);
  };
}

const NOTHING: FromChild = { kind: "ready" };
