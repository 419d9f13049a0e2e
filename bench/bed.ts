import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../src/core/clock.ts";
import { decodeValue } from "../src/core/value-codec.ts";
import { momentWindow } from "../src/core/window.ts";
import { ChildProcessHost } from "../src/engine/children/child-process-host.ts";
import { Engine } from "../src/engine/engine.ts";
import { systemEngineClock } from "../src/engine/engine-clock.ts";
import { openSqliteStore } from "../src/store/sqlite/open-sqlite-store.ts";
import type { Store } from "../src/store/store.ts";
import { BenchCode, ROOT } from "./bench-code.ts";
import { fillHistory } from "./history.ts";
import { monotonicMs } from "./monotonic.ts";

export interface BedOptions {
  /** Task runs that have ended before. Default: 0. */
  readonly history?: number;
  /** Runs that go through it first. Default: 3,000, after which its code is compiled, as the limit's is. */
  readonly warmUpRuns?: number;
}

export interface BedParts {
  readonly store: Store;
  readonly engine: Engine;
  readonly code: BenchCode;
  readonly close: () => Promise<void>;
}

/** The engine as it ships, over a store and children of its own, with the workflows of `bench/pipelines`. */
export class Bed {
  readonly store: Store;
  readonly engine: Engine;
  readonly close: () => Promise<void>;
  readonly #code: BenchCode;

  constructor({ store, engine, code, close }: BedParts) {
    this.store = store;
    this.engine = engine;
    this.close = close;
    this.#code = code;
  }

  /** The owner of a SQLite store. */
  static async open({ history = 0, warmUpRuns = 3_000 }: BedOptions = {}): Promise<Bed> {
    const folder = await mkdtemp(join(tmpdir(), "tutti-bench-"));
    const store = await openSqliteStore({ path: join(folder, "tutti.db") });
    const code = await BenchCode.load(store, folder);
    if (history > 0) await fillHistory(store, code.version("ten"), history);
    const engine = new Engine({
      store,
      host: new ChildProcessHost({ name: "bench", projectDir: ROOT, artifactsDir: join(folder, "artifacts") }),
      clock: systemEngineClock,
      codeFile: code.file,
      logs: { write: () => {}, flush: () => {} },
    });
    const close = async (): Promise<void> => {
      await engine.close(0);
      await store.close();
      await rm(folder, { recursive: true, force: true });
    };
    const bed = new Bed({ store, engine, code, close });
    await bed.run("ten", warmUpRuns);
    return bed;
  }

  /** Submits `count` runs of a workflow at once and answers after how many milliseconds the last has ended. */
  async run(workflow: string, count = 1): Promise<number> {
    const start = performance.now();
    const ids = await Promise.all(Array.from({ length: count }, () => this.submit(workflow)));
    const ends = await Promise.all(ids.map((id) => this.engine.ended(id)));
    if (ends.some((state) => state !== "succeeded"))
      throw new Error(`a run of ${workflow} ended ${ends.find((state) => state !== "succeeded")}`);
    return performance.now() - start;
  }

  /** From a trigger to the first line of its task's code. */
  async triggerMs(): Promise<number> {
    const start = monotonicMs();
    const id = await this.submit("trigger");
    await this.engine.ended(id);
    const [taskRun] = (await this.store.loadRun(id))!.taskRuns;
    const { value } = (await this.store.readOutputs([taskRun!.id])).get(taskRun!.id)!;
    if (value.kind !== "inline") throw new Error("the moment is no inline value");
    return (decodeValue(value.text) as number) - start;
  }

  submit(workflow: string): Promise<string> {
    const version = this.#code.version(workflow);
    return this.engine.submit({ version, window: momentWindow(systemClock.now()), trigger: "manual" });
  }
}
