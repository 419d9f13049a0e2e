import type { Instant } from "../../core/clock.ts";
import { toErrorData } from "../../core/error-data.ts";
import type { StartOutcome } from "../../core/event.ts";
import type { ErrorData } from "../../core/errors.ts";
import { runTriggerOf } from "../../core/trigger.ts";
import type { EventBatch, EventStart, SourceAdvance, StartResult } from "../../store/events.ts";
import type { NewRun, Store, VersionRecord } from "../../store/store.ts";
import { newRun } from "../new-run.ts";
import { type KnownTrigger, sourceSubject } from "./known-trigger.ts";
import { KnownTriggers } from "./known-triggers.ts";
import type { Occurrence } from "./occurrence.ts";
import { judge, mayPass, ownParams, refuseEndless, type TriggerAsker } from "./trigger-verdict.ts";

export interface PublisherDeps {
  readonly store: Pick<Store, "events" | "getVersion">;
  readonly now: () => Instant;
  readonly asker: TriggerAsker;
  readonly newId: (now: Instant) => string;
  /** The number under which the runs are held; `undefined`: nobody's, or the only one's. */
  readonly scheduler: () => number | undefined;
}

/** What became of an event at one trigger. */
export interface HeardEvent {
  readonly workflow: string;
  readonly trigger: string;
  readonly outcome: StartOutcome | "unmatched";
  readonly runId: string | null;
  /** Why it was refused. */
  readonly error: ErrorData | null;
}

/** A run that an event has started. */
export interface StartedRun {
  readonly run: NewRun;
  readonly version: VersionRecord;
  readonly held: boolean;
  readonly trigger: string;
}

/** A batch with what is to be done once it is recorded. */
export interface PreparedBatch {
  readonly batch: EventBatch;
  readonly starts: readonly { readonly known: KnownTrigger; readonly start: EventStart }[];
  /** What is known before. */
  readonly heard: readonly HeardEvent[];
}

export interface RecordedBatch {
  readonly heard: readonly HeardEvent[];
  readonly started: readonly StartedRun[];
}

/** For how long the keys of what a source finds are known. */
const SOURCE_KEYS_MS = 7 * 86_400_000;

/** Finds who hears of what has happened, asks their code about it, and makes of it what the store records in one transaction. */
export class Publisher {
  readonly known: KnownTriggers;
  readonly #deps: PublisherDeps;

  constructor(deps: PublisherDeps) {
    this.#deps = deps;
    this.known = new KnownTriggers(deps.store);
  }

  /** @throws what passes: the store or the code could not be had just now */
  async prepare(occurrences: readonly Occurrence[], advance?: SourceAdvance): Promise<PreparedBatch> {
    await this.known.refresh();
    const starts: { readonly known: KnownTrigger; readonly start: EventStart }[] = [];
    const heard: HeardEvent[] = [];
    /** Assets of one batch count as one update each, and as one start. */
    const waiting = new Map<KnownTrigger, number[]>();
    for (const [place, occurrence] of occurrences.entries()) {
      for (const known of this.#hearing(occurrence)) {
        if (known.trigger.kind === "asset") waiting.set(known, [...(waiting.get(known) ?? []), place]);
        else await this.#judged(known, place, occurrence, starts, heard);
      }
    }
    for (const [known, places] of waiting) await this.#assets(known, places, occurrences, starts, heard);
    const batch: EventBatch = {
      events: occurrences.map(({ entry }) => entry),
      starts: starts.map(({ start }) => start),
      ...(advance && { advance }),
    };
    return { batch, starts, heard };
  }

  /** What the store has made of it. */
  recorded({ starts, heard }: PreparedBatch, results: readonly StartResult[]): RecordedBatch {
    const started: StartedRun[] = [];
    const all = [...heard];
    for (const [place, { known, start }] of starts.entries()) {
      const { outcome, runId, held, cause } = results[place]!;
      if (outcome !== "refused") all.push({ ...named(known), outcome, runId, error: null });
      if (outcome === "started" && start.run !== null)
        started.push({ run: { ...start.run, cause }, version: known.version, held, trigger: known.record.name });
    }
    return { heard: all, started };
  }

  #hearing({ event, source }: Occurrence): readonly KnownTrigger[] {
    return this.known.hearing(source === null ? `${event.kind} ${event.name}` : sourceSubject(source));
  }

  async #judged(
    known: KnownTrigger,
    place: number,
    occurrence: Occurrence,
    starts: { readonly known: KnownTrigger; readonly start: EventStart }[],
    heard: HeardEvent[],
  ): Promise<void> {
    try {
      const verdict = await judge(known, occurrence, this.#deps.asker);
      if (verdict === null) return void heard.push({ ...named(known), outcome: "unmatched", runId: null, error: null });
      const forMs = known.trigger.kind === "event" ? known.trigger.dedupeForMs : SOURCE_KEYS_MS;
      const key = verdict.key === null ? null : { text: verdict.key, forMs };
      const run = this.#run(known, occurrence, verdict);
      starts.push({ known, start: { ...this.#start(known, [place], [occurrence]), key, run } });
    } catch (thrown) {
      if (mayPass(thrown)) throw thrown;
      heard.push({ ...named(known), outcome: "refused", runId: null, error: toErrorData(thrown) });
    }
  }

  async #assets(
    known: KnownTrigger,
    places: readonly number[],
    occurrences: readonly Occurrence[],
    starts: { readonly known: KnownTrigger; readonly start: EventStart }[],
    heard: HeardEvent[],
  ): Promise<void> {
    const its = places.map((place) => occurrences[place]!);
    const last = its.at(-1)!;
    let run: NewRun | null = null;
    try {
      refuseEndless(known, last);
      run = this.#run(known, last, await ownParams(known, this.#deps.asker));
    } catch (thrown) {
      if (mayPass(thrown)) throw thrown;
      heard.push({ ...named(known), outcome: "refused", runId: null, error: toErrorData(thrown) });
    }
    starts.push({ known, start: { ...this.#start(known, places, its), run } });
  }

  #start(
    { record, trigger, version, limits }: KnownTrigger,
    events: readonly number[],
    its: readonly Occurrence[],
  ): Omit<EventStart, "run"> {
    return {
      subscription: record.id,
      versionId: version.id,
      events,
      key: null,
      assets: trigger.kind === "asset" ? trigger.assets : null,
      cause: { trigger: record.name, events: its.map(({ event }) => event), chain: its.at(-1)!.chain },
      held: limits.maxActive !== null,
      room: limits.overlap === "skip" ? limits.maxActive : null,
      whilePaused: version.manifest.catchup === true ? "hold" : "pass_over",
    };
  }

  #run(
    { trigger, version }: KnownTrigger,
    { window }: Occurrence,
    { input, parsed }: Pick<NonNullable<Awaited<ReturnType<typeof judge>>>, "input" | "parsed">,
  ): NewRun {
    const now = this.#deps.now();
    const accepted = { versionId: version.id, input, parsed, window, trigger: runTriggerOf(trigger) };
    return newRun({ id: this.#deps.newId(now), ...accepted }, now);
  }
}

const named = ({ record }: KnownTrigger) => ({ workflow: record.workflow, trigger: record.name });
