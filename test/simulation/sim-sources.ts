import type { Cause } from "../../src/core/event.ts";
import type { FileFacts } from "../../src/core/file-marks.ts";
import type { TriggerManifest } from "../../src/core/trigger.ts";
import type { FileFinder } from "../../src/engine/events/found-files.ts";
import { Sources } from "../../src/engine/events/sources.ts";
import type { TriggerAsker } from "../../src/engine/events/trigger-verdict.ts";
import type { TriggerAnswer } from "../../src/runtime/protocol.ts";
import type { EventBatch, EventBatchResult } from "../../src/store/events.ts";
import { Dice } from "./dice.ts";
import type { SimEngine } from "./sim-engine.ts";
import type { World } from "./world.ts";

/** What must hold of files and polls, beside what holds of all events. */
export const SOURCE_FACTS = {
  files: "every file that is found starts exactly one run, and one that was changed another",
  polled: "every item of a poll starts exactly one run",
  passed: "what was there before a source was looked at first starts nothing, where that is passed over",
  cursor: "the cursor of a source never goes back",
} as const;

const FILES = "inbox";
const POLL = "queue";
/** What a poll gives at once. */
const AT_ONCE = 2;

/**
 * Files that come, and a queue that is polled, for the workflow that hears of events. It has dice of its own: a world without sources stays
 * the one that its seed says.
 */
export class SimSources {
  readonly #world: World;
  readonly #dice: Dice;
  readonly #files = new Map<string, FileFacts>();
  /** Files as they were at the end of each write, as texts. */
  readonly #written = new Set<string>();
  #items = 0;
  /** Items that were there before anybody looked. */
  #first = 0;
  #coming = 0;
  readonly #watchers = new Set<{ readonly engine: SimEngine; readonly call: () => void }>();
  readonly #catchup: boolean;
  /** As they were recorded last; `null`: never yet. */
  #marks: ReadonlySet<string> | null = null;
  #polled: number | null = null;
  /** What was passed over when the source was looked at first. */
  #passedFiles: ReadonlySet<string> = new Set();
  #passedItems = 0;

  constructor(world: World, seed: number) {
    this.#world = world;
    this.#dice = new Dice(seed + 6_000_011);
    this.#catchup = this.#dice.chance(0.7);
  }

  /** Of the workflow that hears of events. */
  get triggers(): readonly TriggerManifest[] {
    return [
      { name: FILES, kind: "file", pattern: "inbox/*", settleMs: this.#dice.pick([0, 300, 1_000]), everyMs: 4_000 },
      { name: POLL, kind: "poll", everyMs: this.#dice.pick([500, 3_000]), timeoutMs: 60_000 },
    ];
  }

  get catchup(): boolean {
    return this.#catchup;
  }

  sources(engine: SimEngine): Sources {
    const { clock } = this.#world;
    return new Sources({
      store: engine.store,
      clock: clock.engineClock(engine),
      asker: this.#asker(engine),
      found: (events, advance) => engine.events!.found(events, advance),
      notice: (text) => this.#world.note(engine.name, text),
      root: "",
      files: this.#finder(engine),
    });
  }

  /** Files are written, some of them twice, and items queued. */
  begin(): void {
    const { clock, user } = this.#world;
    const later = (what: string, call: () => void, ms = this.#dice.between(0, 22_000)): void => {
      this.#coming++;
      clock.after(ms, user, what, () => {
        this.#coming--;
        call();
      });
    };
    for (let file = 2 + this.#dice.below(4); file > 0; file--) {
      const path = `inbox/${file}.csv`;
      const at = this.#dice.between(-4_000, 20_000);
      later(`writes ${path}`, () => this.#write(path), Math.max(0, at));
      if (this.#dice.chance(0.3)) later(`writes ${path} again`, () => this.#write(path), Math.max(0, at) + 8_000);
    }
    this.#items = this.#dice.below(6);
    this.#first = this.#items;
    for (let items = 2 + this.#dice.below(5); items > 0; items--) later("queues an item", () => this.#items++);
  }

  #write(path: string): void {
    const { clock } = this.#world;
    const facts = { modifiedMs: Math.floor(clock.now / 1000), size: 1 + this.#dice.below(100) };
    this.#files.set(path, facts);
    this.#written.add(textOf(path, facts));
    for (const { engine, call } of this.#watchers)
      if (engine.alive && this.#dice.chance(0.6))
        clock.after(this.#dice.between(0, 50), engine, "a folder changed", call);
  }

  #finder(engine: SimEngine): FileFinder {
    const { clock } = this.#world;
    return {
      find: () =>
        new Promise((resolve) => {
          clock.after(this.#dice.between(0, 20), engine, "files are found", () => resolve(new Map(this.#files)));
        }),
      watch: (_, call) => {
        const watcher = { engine, call };
        this.#watchers.add(watcher);
        return () => void this.#watchers.delete(watcher);
      },
    };
  }

  /** The code of the poll: sometimes it fails, and sometimes it takes longer than a turn. */
  #asker(engine: SimEngine): TriggerAsker {
    const { clock, plan } = this.#world;
    const answer = (cursor: string | null): TriggerAnswer => {
      if (!plan.calm && this.#dice.chance(0.15)) return { ok: false, error: { name: "Error", message: "not now" } };
      const from = cursor === null ? 0 : ((JSON.parse(cursor) as number | null) ?? 0);
      const to = Math.min(this.#items, from + AT_ONCE);
      if (to === from) return { ok: true, found: null };
      const events = Array.from({ length: to - from }, (_, place) => ({
        key: null,
        payload: JSON.stringify({ item: from + place }),
      }));
      return { ok: true, found: { cursor: JSON.stringify(to), events, more: to < this.#items } };
    };
    return {
      parse: async () => ({ params: null, lists: null }),
      ask: (_, question) =>
        new Promise((resolve) => {
          const slow = !plan.calm && this.#dice.chance(0.1);
          const ms = slow ? this.#dice.between(5_000, 20_000) : this.#dice.between(0, 100);
          const { cursor } = question as { readonly cursor: string | null };
          clock.after(ms, engine, "a poll answers", () => resolve(answer(cursor)));
        }),
    };
  }

  /** Recorded and durable. */
  recorded({ events, advance }: EventBatch, { applied }: EventBatchResult): void {
    if (advance === undefined || !applied) return;
    // What is asked again because its answer got lost moves nothing: the row counts.
    const [row] = this.#world.connection.all<{ cursor: string }>(cursorOf(advance.subscription));
    const cursor = JSON.parse(row!.cursor) as unknown;
    if (typeof cursor === "number" || cursor === null) this.#advancedTo(cursor ?? 0, events.length);
    else this.#marked(Object.entries(cursor as Record<string, readonly [number, number]>), events.length);
  }

  #advancedTo(cursor: number, events: number): void {
    if (cursor < (this.#polled ?? 0))
      this.#fail("cursor", `the poll stood at ${this.#polled}, and stands at ${cursor}`);
    if (this.#polled === null && events === 0) this.#passedItems = cursor;
    this.#polled = Math.max(cursor, this.#polled ?? 0);
  }

  #marked(marks: readonly (readonly [string, readonly [number, number]])[], events: number): void {
    const next = new Set(marks.map(([path, [modifiedMs, size]]) => textOf(path, { modifiedMs, size })));
    const paths = new Set(marks.map(([path]) => path));
    const lost = [...(this.#marks ?? [])].find((one) => !paths.has(one.split(" ", 1)[0]!));
    if (lost !== undefined) this.#fail("cursor", `"${lost}" was known, and is not any more`);
    if (this.#marks === null && events === 0) this.#passedFiles = next;
    this.#marks = next;
  }

  /** What there is still to do. */
  get busy(): string[] {
    const files = [...this.#files].filter(([path, facts]) => !this.#marks?.has(textOf(path, facts)));
    return [
      ...(this.#coming > 0 ? [`${this.#coming} files and items are still to come`] : []),
      ...files.map(([path]) => `"${path}" is not found`),
      ...((this.#polled ?? 0) < this.#items ? [`${this.#items} items are queued, ${this.#polled} are polled`] : []),
    ];
  }

  atTheEnd(): void {
    const causes = [...this.#world.recorded.runs.values()].flatMap(({ run }) =>
      run.cause ? [JSON.parse(run.cause) as Cause] : [],
    );
    const payloadsOf = (name: string): unknown[] =>
      causes.flatMap(({ trigger, events }) => (trigger === name ? events.map(({ payload }) => payload) : []));
    this.#judgeFiles(
      (payloadsOf(FILES) as { path: string; size: number; modified: string }[]).map(({ path, size, modified }) =>
        textOf(path, { modifiedMs: Date.parse(modified), size }),
      ),
    );
    this.#judgeItems((payloadsOf(POLL) as { item: number }[]).map(({ item }) => item));
  }

  #judgeFiles(started: readonly string[]): void {
    const twice = started.find((one, place) => started.indexOf(one) !== place);
    if (twice !== undefined) this.#fail("files", `"${twice}" has started two runs`);
    for (const one of started) if (!this.#written.has(one)) this.#fail("files", `nobody has written "${one}"`);
    for (const [path, facts] of this.#files) {
      const text = textOf(path, facts);
      const passed = !this.#catchup && this.#passedFiles.has(text);
      if (passed && started.includes(text)) this.#fail("passed", `"${text}" has started a run`);
      if (!passed && !started.includes(text)) this.#fail("files", `"${text}" has started no run`);
    }
  }

  #judgeItems(started: readonly number[]): void {
    const twice = started.find((one, place) => started.indexOf(one) !== place);
    if (twice !== undefined) this.#fail("polled", `item ${twice} has started two runs`);
    const passed = this.#catchup ? 0 : Math.max(this.#first, this.#passedItems);
    for (let item = 0; item < this.#items; item++) {
      if (item < passed && started.includes(item)) this.#fail("passed", `item ${item} has started a run`);
      if (item >= passed && !started.includes(item)) this.#fail("polled", `item ${item} has started no run`);
    }
  }

  #fail(fact: keyof typeof SOURCE_FACTS, what: string): void {
    this.#world.fail(SOURCE_FACTS[fact], what);
  }
}

const cursorOf = (id: number) => ({
  statement: { name: "simCursor", text: "select cursor from subscription where id = ?" },
  values: [id],
});

const textOf = (path: string, { modifiedMs, size }: FileFacts): string => `${path} ${modifiedMs} ${size}`;
