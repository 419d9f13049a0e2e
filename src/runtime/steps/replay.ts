import type { Instant } from "../../core/clock.ts";
import { TuttiError } from "../../core/errors.ts";
import { type EndRecord, idFrom, idText, isEnd, type StepId, type StepRecord, stepText } from "./step-record.ts";

interface Asked {
  readonly id: StepId;
  readonly resolve: (recorded: EndRecord | null) => void;
  readonly reject: (error: Error) => void;
}

export interface ReplayPorts {
  /** Calls back in a later turn of the loop, when everything that follows from the turns before has happened. */
  turn(call: () => void): void;
  /** Calls back when the body has asked for nothing that goes on for too long. Answers how to take it back. */
  stall(call: () => void): () => void;
}

export interface ReplayBody {
  /** What must be read before an end is handed out: the ends behind it wait, or they would be heard of first. `null`: nothing. */
  fetch(end: EndRecord): Promise<unknown> | null;
}

interface Begun {
  readonly dueAt: Instant;
  readonly mark?: string;
  readonly at?: Instant;
  readonly run?: string;
  readonly during?: string;
}

type BegunRun = StepRecord & { readonly kind: "run" };

/**
 * Brings a body that runs again to where it was. What is recorded is handed out in the order in which it was recorded, one a turn, so
 * a body that is the same asks for the same; what is new begins when all of the record has been asked for. A body that asks for
 * neither has changed, and is told so. Only other code than that which recorded may leave out what it asked for no more.
 */
export class Replay {
  readonly #ports: ReplayPorts;
  readonly #body: ReplayBody;
  /** What ended, in order. */
  readonly #ends: EndRecord[] = [];
  /** Recorded after an error that ended its attempt: given to whoever asks, in any order. */
  readonly #loose = new Map<string, EndRecord>();
  /** Sleeps that had begun, and when they are over; and waits, with since when events count. */
  readonly #sleeps = new Map<string, Begun>();
  /** Task runs that were asked for. */
  readonly #runs = new Map<string, BegunRun>();
  readonly #unasked = new Set<string>();
  readonly #asked = new Map<string, Asked>();
  readonly #order: StepId[] = [];
  readonly #nows: Instant[];
  readonly #isOtherCode: boolean;
  /** What other code asks for no more. */
  readonly #leftOut: StepId[] = [];
  #next = 0;
  #handingOut = false;
  #broken: Error | null = null;
  #cancelStall: (() => void) | null = null;

  constructor(records: readonly StepRecord[], version: string, ports: ReplayPorts, body: ReplayBody) {
    this.#ports = ports;
    this.#body = body;
    this.#isOtherCode = records.some((record) => record.kind === "version" && record.hash !== version);
    this.#nows = records.flatMap((record) => (record.kind === "now" ? [record.at] : []));
    const loose = looseAmong(records);
    records.forEach((record, place) => {
      if (record.kind === "sleep") this.#sleeps.set(idText(record.id), record);
      if (record.kind === "run") this.#runs.set(idText(record.id), record);
      if (loose.has(place)) {
        if (isEnd(record)) this.#loose.set(idText(record.id), record);
      } else if (record.kind === "sleep" || record.kind === "run") this.#unasked.add(idText(record.id));
      else if (isEnd(record) && !loose.isEscaped(place)) this.#ends.push(record);
    });
  }

  /** Everything that is recorded has been asked for: what comes now is new. */
  get isOver(): boolean {
    return this.#next === this.#ends.length && this.#unasked.size === 0;
  }

  /** Nothing of it can matter any more. */
  get isDone(): boolean {
    return this.isOver && this.#asked.size === 0 && this.#loose.size === 0;
  }

  /** How a step of this body ended; `null`: it is for the body to do, now. @throws TuttiError `STEPS_CHANGED` */
  ask(id: StepId): Promise<EndRecord | null> {
    const text = idText(id);
    this.#order.push(id);
    this.#unasked.delete(text);
    if (this.#broken) return Promise.reject(this.#broken);
    const loose = this.#loose.get(text);
    if (loose) {
      this.#loose.delete(text);
      return new Promise((resolve) => this.#ports.turn(() => resolve(loose)));
    }
    return new Promise((resolve, reject) => {
      this.#asked.set(text, { id, resolve, reject });
      if (this.#leftOut.some((left) => idText(left) === text)) this.#break();
      else this.#look();
    });
  }

  /** When a sleep that had begun before is over, or a wait. */
  begun(id: StepId): Begun | null {
    return this.#sleeps.get(idText(id)) ?? null;
  }

  /** The task run that was asked for before; `null`: none was. */
  begunRun(id: StepId): BegunRun | null {
    return this.#runs.get(idText(id)) ?? null;
  }

  /** All of them. */
  get hasRuns(): boolean {
    return this.#runs.size > 0;
  }

  get runs(): Iterable<BegunRun> {
    return this.#runs.values();
  }

  /** What `ctx.now()` said then; `undefined`: it is asked for the first time. */
  takeNow(): Instant | undefined {
    return this.#nows.shift();
  }

  /** Recorded, and never asked for: the names, when a body has ended. */
  get leftOver(): readonly string[] {
    return [...this.#leftOut, ...this.#ends.slice(this.#next).map(({ id }) => id)].map(stepText);
  }

  stop(): void {
    this.#cancelStall?.();
    this.#cancelStall = null;
  }

  #look(): void {
    if (this.#handingOut || this.#broken) return;
    this.stop();
    const next = this.#ends[this.#next];
    const found = next && this.#asked.get(idText(next.id));
    if (found || (this.isOver && this.#asked.size > 0)) {
      this.#handingOut = true;
      return this.#ports.turn(() => this.#handOut());
    }
    if (this.#asked.size > 0) this.#cancelStall = this.#ports.stall(() => this.#stalled());
  }

  #stalled(): void {
    if (this.#isOtherCode && this.#next === this.#ends.length) return this.#leaveBegun();
    const next = this.#isOtherCode ? this.#nextAsked() : -1;
    if (next === -1) return this.#break();
    this.#leftOut.push(...this.#ends.slice(this.#next, next).map(({ id }) => id));
    this.#next = next;
    this.#look();
  }

  /** What had begun, and other code does not wait for any more. */
  #leaveBegun(): void {
    this.#leftOut.push(...[...this.#unasked].map(idFrom));
    this.#unasked.clear();
    this.#look();
  }

  /** The place of the first end that is asked for; -1: something is asked for that is not in the record, or is behind. */
  #nextAsked(): number {
    const places = [...this.#asked.keys()].map((text) =>
      this.#ends.findIndex(({ id }, place) => place >= this.#next && idText(id) === text),
    );
    return places.includes(-1) ? -1 : Math.min(...places);
  }

  /** One that is recorded; behind the record, the first of those that are new. */
  #handOut(): void {
    this.#handingOut = false;
    const next = this.#ends[this.#next];
    const [first] = this.#asked.values();
    const asked = next ? this.#asked.get(idText(next.id)) : first;
    if (!asked) return this.#look();
    this.#asked.delete(idText(asked.id));
    const fetched = next ? this.#body.fetch(next) : null;
    if (fetched === null) return this.#handed(asked, next ?? null);
    this.#handingOut = true;
    const goOn = (give: () => void): void => {
      this.#handingOut = false;
      give();
    };
    fetched.then(
      () => goOn(() => this.#handed(asked, next!)),
      (error: Error) => goOn(() => asked.reject(error)),
    );
  }

  #handed(asked: Asked, end: EndRecord | null): void {
    if (end) this.#next++;
    asked.resolve(end);
    this.#look();
  }

  #break(): void {
    const ended = new Set(this.#ends.map(({ id }) => idText(id)));
    const sleeping = [...this.#unasked].filter((text) => !ended.has(text)).map((text) => stepText(idFrom(text)));
    const recorded = [...this.#ends.map(({ id }) => stepText(id)), ...sleeping].join(", ");
    const asked = this.#order.map(stepText).join(", ");
    this.#broken = new TuttiError(
      "STEPS_CHANGED",
      `The code asks for other steps than it did before. Recorded: ${recorded}. Asked for now: ${asked}. What decides which steps come next must be a step itself. Start a new run, or put the code back as it was.`,
    );
    for (const { reject } of this.#asked.values()) reject(this.#broken);
    this.#asked.clear();
  }
}

/**
 * The places of what was recorded between an error and the end of the attempt that it brought about: on the way of that error, which
 * the next attempt need not go. It is kept, and asked for in no order.
 */
function looseAmong(records: readonly StepRecord[]) {
  const loose = new Set<number>();
  const escaped = new Set<number>();
  records.forEach((record, end) => {
    if (record.kind !== "escaped") return;
    const text = idText(record.id);
    const start = records.findLastIndex(
      (other, place) => place < end && other.kind === "failed" && idText(other.id) === text,
    );
    if (start === -1) return;
    escaped.add(start);
    for (let place = start + 1; place < end; place++) loose.add(place);
  });
  return { has: (place: number) => loose.has(place), isEscaped: (place: number) => escaped.has(place) };
}
