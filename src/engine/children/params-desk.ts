import type { ErrorData } from "../../core/errors.ts";
import type { ParsedParams, VersionInfo } from "../../runtime/protocol.ts";
import type { Child } from "./child.ts";
import { placeFor } from "./placement.ts";

interface Request {
  readonly version: VersionInfo;
  readonly input: string | null;
  readonly resolve: (result: ParsedParams) => void;
  child: Child | null;
  timer: NodeJS.Timeout | null;
}

/** Has params parsed by a user's schema, in a child: waits for one that is warm, and for no longer than the limit. */
export class ParamsDesk {
  readonly #limitMs: number;
  /** Its schema does not come to an end. */
  readonly #stuck: (child: Child) => void;
  readonly #requests = new Map<number, Request>();
  #last = 0;

  constructor(limitMs: number, stuck: (child: Child) => void) {
    this.#limitMs = limitMs;
    this.#stuck = stuck;
  }

  ask(version: VersionInfo, input: string | null): Promise<ParsedParams> {
    return new Promise((resolve) =>
      this.#requests.set(++this.#last, { version, input, resolve, child: null, timer: null }),
    );
  }

  /** Hands what waits to children that can take it. */
  place(children: Iterable<Child>): void {
    if (this.#requests.size === 0) return;
    const all = [...children];
    for (const [id, request] of this.#requests) {
      if (request.child !== null) continue;
      // A full child has a loop like any other; a schema takes no slot.
      const child =
        placeFor(request.version.hash, all) ??
        all.find((each) => each.state === "warm" && each.role === "shared" && each.blockedSince === null);
      if (child) this.#send(id, request, child);
    }
  }

  answered(id: number, result: ParsedParams): void {
    const request = this.#requests.get(id);
    if (!request) return;
    this.#requests.delete(id);
    if (request.timer !== null) clearTimeout(request.timer);
    request.resolve(result);
  }

  /** Answers what a child that is gone was asked; `null`: all that still waits for one. */
  failed(child: Child | null, error: ErrorData): void {
    for (const [id, request] of this.#requests) if (request.child === child) this.answered(id, { ok: false, error });
  }

  #send(id: number, request: Request, child: Child): void {
    request.child = child;
    child.versions.add(request.version.hash);
    child.send({ kind: "parse", request: id, version: request.version, input: request.input });
    child.flush();
    request.timer = setTimeout(() => this.#late(id, request, child), this.#limitMs);
  }

  #late(id: number, { version }: Request, child: Child): void {
    const message = `The params of workflow "${version.workflow}" were not parsed within ${this.#limitMs} ms. Does its schema, or the file's module level, wait for something?`;
    this.answered(id, { ok: false, error: { name: "TimedOut", code: "PARAMS_TIMED_OUT", message } });
    this.#stuck(child);
  }
}
