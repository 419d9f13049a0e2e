import { useSyncExternalStore } from "react";
import type { LiveEvent } from "../../../../src/client/index.ts";
import { type Connection, LiveStream, type StreamNews } from "./stream.ts";
import type { ToStream } from "./stream-worker.ts";

type Listener = (event: LiveEvent) => void;

const SNAPSHOT_MS = 1_500;
const ALIVE_MS = 30_000;

export interface LiveState {
  readonly connection: Connection;
  /** Since when it has not been live, in milliseconds. */
  readonly since: number;
}

/** What this page follows. The stream itself is shared by all tabs of the browser, where it has shared workers. */
class Feed {
  readonly #topics = new Map<string, number>();
  readonly #listeners = new Set<Listener>();
  readonly #stateListeners = new Set<() => void>();
  #state: LiveState = { connection: "connecting", since: Date.now() };
  #send: ((message: ToStream) => void) | null = null;
  #refused = new Set<string>();

  get state(): LiveState {
    return this.#state;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  };

  /** Begins. Called again, as after signing in, everything is told anew. */
  begin(): void {
    this.#send ??= this.#connect();
    this.#follow(true);
  }

  on(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Until the answer is called. */
  follow(topic: string): () => void {
    this.#topics.set(topic, (this.#topics.get(topic) ?? 0) + 1);
    this.#refused.delete(topic);
    this.#follow(false);
    return () => {
      const left = (this.#topics.get(topic) ?? 1) - 1;
      if (left > 0) this.#topics.set(topic, left);
      else this.#topics.delete(topic);
    };
  }

  /** It is told of soon. */
  isAwaited(topic: string): boolean {
    return this.#topics.has(topic) && !this.#refused.has(topic);
  }

  #follow(anew: boolean): void {
    this.#send?.({ kind: "follow", topics: [...this.#topics.keys()], anew });
  }

  #connect(): (message: ToStream) => void {
    const hear = (news: StreamNews) => this.#hear(news);
    addEventListener("online", () => this.#send?.({ kind: "wake" }));
    document.addEventListener("visibilitychange", () => this.#send?.({ kind: "wake" }));
    setInterval(() => this.#follow(false), ALIVE_MS);
    if (typeof SharedWorker === "undefined") {
      const stream = new LiveStream(location.origin, hear);
      return (message) => {
        if (message.kind === "follow") stream.follow(message.topics, message.anew);
        else if (message.kind === "wake") stream.wake();
        else stream.close();
      };
    }
    const { port } = new SharedWorker(new URL("./stream-worker.ts", import.meta.url), {
      type: "module",
      name: "tutti",
    });
    port.addEventListener("message", ({ data }: MessageEvent<StreamNews>) => hear(data));
    port.start();
    addEventListener("pagehide", () => port.postMessage({ kind: "close" } satisfies ToStream));
    // Back from the browser's cache of pages.
    addEventListener("pageshow", ({ persisted }) => persisted && this.#follow(true));
    return (message) => port.postMessage(message);
  }

  #hear(news: StreamNews): void {
    if (news.kind === "event") for (const listener of this.#listeners) listener(news.event);
    else if (news.kind === "refused") for (const topic of news.topics) this.#refused.add(topic);
    else {
      this.#state = { connection: news.connection, since: Date.now() };
      for (const listener of this.#stateListeners) listener();
    }
  }
}

export const feed = new Feed();

export const useLiveState = (): LiveState => useSyncExternalStore(feed.subscribe, () => feed.state);

/** What the stream says of a topic when it begins to be followed; `null`: nobody follows it, or it did not come in time. */
export function snapshotOf(topic: string, signal: AbortSignal): Promise<LiveEvent["data"] | null> {
  if (!feed.isAwaited(topic)) return Promise.resolve(null);
  return new Promise((resolve) => {
    const done = (data: LiveEvent["data"] | null): void => {
      clearTimeout(timer);
      stop();
      resolve(data);
    };
    const timer = setTimeout(() => done(null), SNAPSHOT_MS);
    const stop = feed.on(({ event, data }) => {
      if (event === "snapshot" && data.topic === topic) done(data);
    });
    signal.addEventListener("abort", () => done(null), { once: true });
  });
}
