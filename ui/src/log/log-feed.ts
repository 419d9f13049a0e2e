import { feed } from "../api/live/feed.ts";
import { tutti } from "../api/tutti.ts";
import { isWanted, type LogFilter, type LogLine, queryOf } from "./log-line.ts";

export const PAGE = 1000;
/** A line that came both ways is among so many. */
const LOOKED_BACK = 2 * PAGE;

export interface LogState {
  readonly lines: readonly LogLine[];
  /** Lines come in as they are written. */
  readonly following: boolean;
  /** There are older lines than these, before the first or between. */
  readonly hasMore: boolean;
  readonly loading: boolean;
  readonly error: string | null;
}

const NOTHING: LogState = { lines: [], following: false, hasMore: false, loading: true, error: null };

/**
 * The lines of a run: a thousand from some place on, further pages as they are asked for, and, as long as the run goes on, each as it is
 * written. A line that came both ways is there once.
 */
export class LogFeed {
  readonly first: number;
  readonly #run: string;
  readonly #filter: LogFilter;
  readonly #live: boolean;
  readonly #listeners = new Set<() => void>();
  readonly #end = new AbortController();
  #state: LogState = NOTHING;
  #cursor: string | null = null;
  /** Lines that pages had, before those that came by themselves. */
  #fromPages = 0;
  /** What came by itself before the pages had come up to it. */
  #early: LogLine[] = [];
  #begun = false;
  #stop: () => void = () => {};

  /** `first`: the place of the first line that is wanted, from 0. */
  constructor(run: string, filter: LogFilter, live: boolean, first: number) {
    this.first = first;
    this.#run = run;
    this.#filter = filter;
    this.#live = live;
  }

  get state(): LogState {
    return this.#state;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    if (!this.#begun) this.#begin();
    return () => void this.#listeners.delete(listener);
  };

  close(): void {
    this.#end.abort();
    this.#stop();
  }

  readonly more = async (): Promise<void> => {
    const enough = this.#state.lines.length + PAGE;
    this.#set({ loading: true });
    try {
      // A page of a long log may be short, and not the last: the server looks at so much of it at once.
      do await this.#page(enough - this.#state.lines.length);
      while (this.#state.hasMore && this.#state.lines.length < enough);
      this.#set({ loading: false });
    } catch (error) {
      if (!this.#end.signal.aborted) this.#set({ loading: false, error: (error as Error).message });
    }
  };

  async #page(limit: number): Promise<void> {
    const { items, next, more } = await tutti().get("/api/runs/{run}/logs", {
      params: { run: this.#run },
      query: {
        ...queryOf(this.#filter),
        limit,
        ...(this.#cursor !== null ? { cursor: this.#cursor } : this.first > 0 ? { from: this.first } : {}),
      },
      signal: this.#end.signal,
    });
    this.#cursor = next;
    const early = more ? [] : this.#early;
    if (!more) this.#early = [];
    const lines = [...this.#state.lines, ...items];
    this.#fromPages = lines.length;
    const known = new Set(lines.slice(-LOOKED_BACK).map(identity));
    this.#set({
      lines: [...lines, ...early.filter((line) => !known.has(identity(line)))],
      hasMore: more,
      following: this.#live && !more,
      error: null,
    });
  }

  #begin(): void {
    this.#begun = true;
    if (this.#live) this.#follow();
    void this.more();
  }

  #follow(): void {
    const topic = `logs:${this.#run}`;
    const leave = feed.follow(topic);
    const off = feed.on(({ data, event }) => {
      if (data.topic !== topic) return;
      const lines = (data as unknown as { lines: readonly LogLine[] }).lines.filter((line) =>
        isWanted(line, this.#filter),
      );
      if (lines.length === 0) return;
      if (!this.#state.following) this.#early.push(...lines);
      else if (event === "snapshot") this.#catchUp(lines);
      else this.#set({ lines: [...this.#state.lines, ...lines] });
    });
    this.#stop = () => {
      off();
      leave();
    };
  }

  /** The stream has begun anew, with the last lines: what was written meanwhile is among them, or is asked for. */
  #catchUp(newest: readonly LogLine[]): void {
    const { lines } = this.#state;
    const last = lines.at(-1);
    const known = last === undefined ? -1 : newest.map(identity).lastIndexOf(identity(last));
    if (known !== -1) return this.#set({ lines: [...lines, ...newest.slice(known + 1)] });
    // The pages are read on from where they ended; what came by itself since then comes again.
    this.#early = [];
    this.#set({ lines: this.#cursor === null ? [] : lines.slice(0, this.#fromPages), following: false });
    void this.more();
  }

  #set(change: Partial<LogState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

const identity = ({ at, taskRunId, claim, message }: LogLine): string => `${at} ${taskRunId} ${claim} ${message}`;
