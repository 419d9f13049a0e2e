import type { GroupResult, Store } from "../store/store.ts";
import type { EngineClock } from "./engine-clock.ts";
import { noFigures } from "./engine-figures.ts";
import type { GroupBuilder } from "./group-builder.ts";
import type { LogSink } from "./host-bridge.ts";
import type { LiveRun } from "./live-run.ts";
import { patiently } from "./patience.ts";
import type { RunChanges } from "./run-changes.ts";
import { runChannel } from "./wake-up-channels.ts";

export interface CommitterDeps {
  readonly store: Store;
  readonly clock: EngineClock;
  readonly logs: LogSink;
  /** Wakes up whoever follows a run; they look for themselves. */
  readonly notify: (channel: string) => void;
  /** Told which runs have changed, while anybody wants to know. Default: nobody does. */
  readonly changes?: RunChanges | undefined;
}

/** How often an engine which is closing asks the store. */
const LAST_TRIES = 3;

/** The engine's way to the store: a store that can't answer now is asked again until it can, and who follows is told. */
export class Committer {
  readonly figures = noFigures();
  /** Closing: it gives up after a few tries. */
  closing = false;
  readonly #deps: CommitterDeps;

  constructor(deps: CommitterDeps) {
    this.#deps = deps;
  }

  /** Everything is kept while the store can't take it, and nothing starts meanwhile. `holder`: the number under which this engine holds its runs. */
  async commit(builders: readonly GroupBuilder[], holder: number | undefined): Promise<readonly GroupResult[]> {
    if (builders.length === 0) return [];
    const groups = builders.map((builder) => builder.build());
    const { clock, store, logs } = this.#deps;
    logs.flush();
    const start = clock.now();
    const results = await this.patiently(
      builders.map(({ run }) => run),
      () => store.commit(groups, holder),
    );
    if (holder !== undefined) for (const { run } of builders) this.#deps.notify(runChannel(run.id));
    const { changes } = this.#deps;
    if (changes?.wanted) for (const { run } of builders) changes.add(run.id);
    this.figures.ticks++;
    this.figures.groups += groups.length;
    this.figures.commitMs += (clock.now() - start) / 1000;
    return results;
  }

  patiently<T>(runs: readonly LiveRun[], ask: () => Promise<T>): Promise<T> {
    return patiently(this.#deps.clock, ask, (error, tries) => {
      for (const run of runs) run.tell({ kind: "trouble", error });
      return this.closing && tries > LAST_TRIES;
    });
  }
}
