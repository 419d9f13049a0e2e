import type { GivenEvent } from "../../core/event.ts";
import type { SourceAdvance, SourceTurn } from "../../store/events.ts";
import type { Store } from "../../store/store.ts";
import type { EngineClock } from "../engine-clock.ts";
import type { FileFinder } from "./found-files.ts";
import type { KnownTrigger } from "./known-trigger.ts";
import type { TriggerAsker } from "./trigger-verdict.ts";

export interface SourceDeps {
  readonly store: Pick<Store, "events">;
  readonly clock: EngineClock;
  readonly asker: TriggerAsker;
  /** Records what was found, and how far the source has come. */
  readonly found: (events: readonly GivenEvent[], advance: SourceAdvance) => Promise<boolean>;
  readonly notice: (text: string) => void;
  /** What the patterns of files are relative to. */
  readonly root: string;
  /** Default: on the disk. */
  readonly files?: FileFinder;
}

/** One source of events, asked again and again until it is stopped. */
export abstract class Source {
  readonly known: KnownTrigger;
  protected readonly deps: SourceDeps;
  /** While it is. */
  protected stopped = false;
  #stopTimer: () => void = () => {};
  #running: Promise<void> | null = null;
  /** Asked for while it was looking. */
  #wantedMs: number | null = null;
  #failures = 0;
  #told = "";

  constructor(known: KnownTrigger, deps: SourceDeps) {
    this.known = known;
    this.deps = deps;
  }

  /** Looks once. Answers in how many milliseconds it looks again. */
  protected abstract look(): Promise<number>;

  start(): void {
    this.again(0);
  }

  stop(): Promise<void> {
    this.stopped = true;
    this.#stopTimer();
    return this.#running ?? Promise.resolve();
  }

  /** It looks no later than in this time. */
  protected again(afterMs: number): void {
    if (this.stopped) return;
    if (this.#running !== null) {
      this.#wantedMs = Math.min(this.#wantedMs ?? Infinity, afterMs);
      return;
    }
    this.#stopTimer();
    const { clock } = this.deps;
    this.#stopTimer = clock.at(clock.now() + afterMs * 1000, () => {
      this.#running = this.#looked();
    });
  }

  protected get passesOver(): boolean {
    return this.known.version.manifest.catchup !== true;
  }

  protected takeTurn(leaseMs: number): Promise<SourceTurn | null> {
    return this.deps.store.events.takeTurn(this.known.record.id, leaseMs);
  }

  protected leaveTurn({ revision }: SourceTurn, afterMs: number): Promise<void> {
    return this.deps.store.events.leaveTurn(this.known.record.id, revision, afterMs);
  }

  protected async recorded(
    { revision }: SourceTurn,
    found: readonly Pick<GivenEvent, "key" | "payload">[],
    cursor: string,
    afterMs: number,
  ): Promise<boolean> {
    const { record, trigger } = this.known;
    const kind = trigger.kind === "file" ? "file" : "poll";
    return this.deps.found(
      found.map((event) => ({ kind, name: record.name, partition: null, ...event })),
      { subscription: record.id, revision, cursor, afterMs },
    );
  }

  async #looked(): Promise<void> {
    let afterMs: number;
    try {
      afterMs = await this.look();
      this.#failures = 0;
    } catch (thrown) {
      afterMs = Math.min(MAX_BACKOFF_MS, 1_000 * 2 ** this.#failures++);
      this.#tell(thrown as Error);
    }
    this.#running = null;
    const wantedMs = this.#wantedMs ?? Infinity;
    this.#wantedMs = null;
    this.again(Math.min(afterMs, wantedMs));
  }

  #tell({ message }: Error): void {
    if (this.stopped || message === this.#told) return;
    this.#told = message;
    const { name, workflow } = this.known.record;
    this.deps.notice(`Trigger "${name}" of workflow "${workflow}" could not look: ${message} It looks again later.`);
  }
}

const MAX_BACKOFF_MS = 60_000;
