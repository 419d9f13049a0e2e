import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "../src/core/clock.ts";
import { decodeValue } from "../src/core/value-codec.ts";
import { momentWindow } from "../src/core/window.ts";
import { ChildProcessHost } from "../src/engine/children/child-process-host.ts";
import { Engine } from "../src/engine/engine.ts";
import { systemEngineClock } from "../src/engine/engine-clock.ts";
import { loadFile } from "../src/loader/load.ts";
import { materializeVersion } from "../src/loader/materialize.ts";
import { openSqliteStore } from "../src/store/sqlite/open-sqlite-store.ts";
import type { Store, VersionRecord } from "../src/store/store.ts";
import { fillHistory } from "./history.ts";
import { monotonicMs } from "./monotonic.ts";

export interface BedOptions {
  /** Task runs that have ended before. Default: 0. */
  readonly history?: number;
  /** Runs that go through it first. Default: 3,000, after which its code is compiled, as the limit's is. */
  readonly warmUpRuns?: number;
}

/** The engine as it ships, over a store and children of its own, with the workflows of `bench/pipelines`. */
export class Bed {
  readonly folder: string;
  readonly store: Store;
  readonly engine: Engine;
  readonly #versions: ReadonlyMap<string, VersionRecord>;

  private constructor(folder: string, store: Store, engine: Engine, versions: ReadonlyMap<string, VersionRecord>) {
    this.folder = folder;
    this.store = store;
    this.engine = engine;
    this.#versions = versions;
  }

  static async open({ history = 0, warmUpRuns = 3_000 }: BedOptions = {}): Promise<Bed> {
    const folder = await mkdtemp(join(tmpdir(), "tutti-bench-"));
    const root = resolve(import.meta.dirname, "..");
    const loaded = await loadFile(fileURLToPath(new URL("pipelines/bench.ts", import.meta.url)), {
      root,
      stateDir: folder,
    });
    for (const error of loaded.errors) throw error;
    const store = await openSqliteStore({ path: join(folder, "tutti.db") });
    const versions = new Map<string, VersionRecord>();
    const files = new Map<string, string>();
    for (const { name, version } of loaded.workflows) {
      versions.set(name, await store.registerVersion(version));
      files.set(name, await materializeVersion(version, folder, root));
    }
    if (history > 0) await fillHistory(store, versions.get("ten")!, history);
    const host = new ChildProcessHost({ name: "bench", projectDir: root, artifactsDir: join(folder, "artifacts") });
    const codeFile = async (version: VersionRecord): Promise<string> => files.get(version.workflow) as string;
    const engine = new Engine({
      store,
      host,
      clock: systemEngineClock,
      codeFile,
      logs: { write: () => {}, flush: () => {} },
    });
    const bed = new Bed(folder, store, engine, versions);
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
    const version = this.#versions.get(workflow);
    if (!version) throw new Error(`no workflow ${workflow}`);
    return this.engine.submit({ version, window: momentWindow(systemClock.now()), trigger: "manual" });
  }

  async close(): Promise<void> {
    await this.engine.close(0);
    await this.store.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}
