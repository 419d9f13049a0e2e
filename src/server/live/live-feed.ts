import { randomBytes } from "node:crypto";
import type { RunSession } from "../../owner/run-session.ts";
import { type Delta, Topic } from "./topic.ts";
import type { TopicSource } from "./topic-source.ts";

/** Changes are gathered for so long: a client hears of many at once. */
const GATHER_MS = 100;
/** Only a net: whoever commits says so. */
const LOOK_EVERY_MS = 2_000;
const LINGER_MS = 30_000;
const MOST_STREAMS = 200;

export interface LiveFeedDeps {
  readonly session: () => Promise<RunSession>;
  /** Where what is to be seen of a topic is read. */
  readonly sources: (topic: string, tell: (data: object, workflow: string | null) => void) => TopicSource;
  readonly notice: (text: string) => void;
  /** How often everything is looked at that nobody told of. Default: 2 s. */
  readonly lookEveryMs?: number;
  /** How long a topic without subscribers is kept up, for those whose connection broke. Default: 30 s. */
  readonly lingerMs?: number;
}

interface Kept {
  readonly topic: Topic;
  readonly source: TopicSource;
}

/**
 * What changes, for every client at once: each topic is looked at once, however many follow it, and not at all while nobody does. Ids
 * rise, and whoever comes back with the last one he saw goes on from there, as long as that is kept.
 */
export class LiveFeed {
  readonly #deps: LiveFeedDeps;
  /** Ids of another process, or of another life of this one, mean nothing here. */
  readonly #epoch = randomBytes(6).toString("base64url").replaceAll("-", "_");
  readonly #topics = new Map<string, Kept>();
  readonly #wakers = new Set<() => void>();
  #changed = new Set<string>();
  #seq = 0;
  #gather: NodeJS.Timeout | null = null;
  #net: NodeJS.Timeout | null = null;
  #stopListening: (() => void) | null = null;
  #listening = false;
  #looking: Promise<void> | null = null;
  #closed = false;

  constructor(deps: LiveFeedDeps) {
    this.#deps = deps;
  }

  /** How many clients follow something now. */
  get streams(): number {
    return this.#wakers.size;
  }

  get isFull(): boolean {
    return this.#wakers.size >= MOST_STREAMS;
  }

  /** The id of now. */
  get position(): string {
    return this.#id(this.#seq);
  }

  /** Of a stream: what it follows. Ends with `leave`. */
  follow(names: readonly string[], wake: () => void): Following {
    const kept = names.map((name) => this.#keep(name));
    for (const { topic } of kept) {
      topic.subscribers += 1;
      topic.quietSince = null;
    }
    this.#wakers.add(wake);
    this.#begin();
    return {
      snapshots: () => Promise.all(kept.map(({ source }) => source.snapshot())),
      since: (id) => this.#since(kept, id),
      leave: () => {
        this.#wakers.delete(wake);
        for (const { topic } of kept) {
          topic.subscribers -= 1;
          if (topic.subscribers === 0) topic.quietSince = performance.now();
        }
      },
    };
  }

  /** Something of this topic has changed here: it is looked at soon. */
  touched(topic: string): void {
    this.#changed.add(topic);
    this.#soon();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#rest();
    for (const wake of this.#wakers) wake();
    await this.#looking;
  }

  get closed(): boolean {
    return this.#closed;
  }

  #id(seq: number): string {
    return `${this.#epoch}-${seq}`;
  }

  #keep(name: string): Kept {
    const known = this.#topics.get(name);
    if (known !== undefined) return known;
    // Nobody looked at it before: no id of then can say what was missed.
    this.#seq += 1;
    const topic = new Topic(name, this.#seq);
    const source = this.#deps.sources(name, (data, workflow) => {
      this.#seq += 1;
      topic.add({ seq: this.#seq, data: JSON.stringify({ topic: name, ...data }), workflow });
    });
    const kept = { topic, source };
    this.#topics.set(name, kept);
    return kept;
  }

  /** `null`: that is too long ago, or was another process. */
  #since(kept: readonly Kept[], id: string): News | null {
    const [epoch, number = ""] = id.split("-");
    const seq = /^\d{1,15}$/.test(number) ? Number(number) : NaN;
    if (epoch !== this.#epoch || !(seq <= this.#seq)) return null;
    const deltas: Delta[] = [];
    for (const { topic } of kept) {
      const news = topic.since(seq);
      if (news === null) return null;
      deltas.push(...news);
    }
    const inOrder = deltas.sort((a, b) => a.seq - b.seq);
    return {
      deltas: inOrder.map(({ seq: at, ...delta }) => ({ ...delta, id: this.#id(at) })),
      id: this.#id(this.#seq),
    };
  }

  #begin(): void {
    if (this.#closed) return;
    this.#net ??= setInterval(() => this.#lookAround(), this.#deps.lookEveryMs ?? LOOK_EVERY_MS).unref();
    if (this.#stopListening !== null || this.#listening) return;
    this.#listening = true;
    void this.#listen().finally(() => (this.#listening = false));
  }

  async #listen(): Promise<void> {
    try {
      const session = await this.#deps.session();
      const stop = await session.changes({
        changed: (runIds) => {
          for (const runId of runIds) this.#changed.add(`run:${runId}`);
          this.#soon();
        },
        progressed: (all) => {
          for (const progress of all) this.#topics.get(`run:${progress.runId}`)?.source.progressed?.(progress);
          this.#soon();
        },
      });
      this.#stopListening = stop;
      void session.gone.then(() => (this.#stopListening = null));
      if (this.#net === null) this.#rest();
    } catch {
      // The net looks meanwhile, and tries again.
    }
  }

  /** Nobody follows anything. */
  #rest(): void {
    if (this.#net !== null) clearInterval(this.#net);
    if (this.#gather !== null) clearTimeout(this.#gather);
    this.#net = this.#gather = null;
    this.#stopListening?.();
    this.#stopListening = null;
    for (const { source } of this.#topics.values()) source.close();
    this.#topics.clear();
  }

  #lookAround(): void {
    const limit = performance.now() - (this.#deps.lingerMs ?? LINGER_MS);
    for (const [name, { topic, source }] of this.#topics) {
      if (topic.quietSince === null || topic.quietSince > limit) continue;
      source.close();
      this.#topics.delete(name);
    }
    if (this.#topics.size === 0) return this.#rest();
    this.#begin();
    for (const name of this.#topics.keys()) this.#changed.add(name);
    this.#soon();
  }

  #soon(): void {
    if (this.#topics.size === 0 || this.#closed) return;
    this.#gather ??= setTimeout(() => {
      this.#gather = null;
      // One look at a time: what comes meanwhile is the next one's.
      this.#looking ??= this.#look().finally(() => {
        this.#looking = null;
        if (this.#changed.size > 0) this.#soon();
      });
    }, GATHER_MS).unref();
  }

  async #look(): Promise<void> {
    const changed = this.#changed;
    this.#changed = new Set();
    const before = this.#seq;
    for (const { source } of this.#topics.values())
      try {
        await source.look(changed);
      } catch (error) {
        // A store that is away comes back: the net looks again.
        this.#deps.notice(`Live events are late: ${(error as Error).message}`);
      }
    if (this.#seq > before) for (const wake of this.#wakers) wake();
  }
}

export interface News {
  readonly deltas: readonly (Omit<Delta, "seq"> & { readonly id: string })[];
  /** Where a stream stands that has sent them. */
  readonly id: string;
}

export interface Following {
  /** How each topic is now. */
  snapshots(): Promise<readonly object[]>;
  /** What came after an id; `null`: it is too long ago to say. */
  since(id: string): News | null;
  leave(): void;
}
