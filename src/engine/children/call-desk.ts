import type { ErrorData } from "../../core/errors.ts";
import type { ToChild } from "../../runtime/protocol.ts";
import type { Child } from "./child.ts";
import { placeFor } from "./placement.ts";

/** A question to the code of a version, beside its tasks. */
export interface DeskCall<Answer> {
  /** Of the code it is for. */
  readonly hash: string;
  readonly message: (request: number) => ToChild;
  readonly limitMs: number;
  /** What is answered when nothing was by then, and its process is ended. */
  readonly late: ErrorData;
  readonly failed: (error: ErrorData) => Answer;
}

interface Request {
  readonly call: DeskCall<unknown>;
  readonly resolve: (answer: never) => void;
  child: Child | null;
  timer: NodeJS.Timeout | null;
}

/** Has users' functions called in a child that are no tasks: schemas, and receivers of alerts. Waits for a child that is warm, and for no longer than the limit. */
export class CallDesk {
  /** Its code does not come to an end. */
  readonly #stuck: (child: Child) => void;
  readonly #requests = new Map<number, Request>();
  #last = 0;

  constructor(stuck: (child: Child) => void) {
    this.#stuck = stuck;
  }

  ask<Answer>(call: DeskCall<Answer>): Promise<Answer> {
    return new Promise((resolve) => this.#requests.set(++this.#last, { call, resolve, child: null, timer: null }));
  }

  /** Hands what waits to children that can take it. */
  place(children: Iterable<Child>): void {
    if (this.#requests.size === 0) return;
    const all = [...children];
    for (const [id, request] of this.#requests) {
      if (request.child !== null) continue;
      // A full child has a loop like any other; a call takes no slot.
      const child =
        placeFor(request.call.hash, all) ??
        all.find((each) => each.state === "warm" && each.role === "shared" && each.blockedSince === null);
      if (child) this.#send(id, request, child);
    }
  }

  answered(id: number, answer: unknown): void {
    const request = this.#requests.get(id);
    if (!request) return;
    this.#requests.delete(id);
    if (request.timer !== null) clearTimeout(request.timer);
    request.resolve(answer as never);
  }

  /** Answers what a child that is gone was asked; `null`: all that still waits for one. */
  failed(child: Child | null, error: ErrorData): void {
    for (const [id, request] of this.#requests)
      if (request.child === child) this.answered(id, request.call.failed(error));
  }

  #send(id: number, request: Request, child: Child): void {
    const { hash, message, limitMs } = request.call;
    request.child = child;
    child.versions.add(hash);
    child.send(message(id));
    child.flush();
    request.timer = setTimeout(() => this.#late(id, request, child), limitMs);
  }

  #late(id: number, { call }: Request, child: Child): void {
    this.answered(id, call.failed(call.late));
    this.#stuck(child);
  }
}
