import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { loadFile } from "../src/loader/load.ts";
import { materializeVersion } from "../src/loader/materialize.ts";
import type { Store, VersionRecord } from "../src/store/store.ts";

export const ROOT = resolve(import.meta.dirname, "..");

/** The workflows of `bench/pipelines`, registered in a store. */
export class BenchCode {
  readonly #versions = new Map<string, VersionRecord>();
  readonly #files = new Map<string, string>();

  static async load(store: Store, stateDir: string): Promise<BenchCode> {
    const code = new BenchCode();
    const file = fileURLToPath(new URL("pipelines/bench.ts", import.meta.url));
    const loaded = await loadFile(file, { root: ROOT, stateDir });
    for (const error of loaded.errors) throw error;
    for (const { name, version } of loaded.workflows) {
      code.#versions.set(name, await store.registerVersion(version));
      code.#files.set(name, await materializeVersion(version, stateDir, ROOT));
    }
    return code;
  }

  version(workflow: string): VersionRecord {
    const version = this.#versions.get(workflow);
    if (!version) throw new Error(`no workflow ${workflow}`);
    return version;
  }

  /** Where the bundle of a version is on this machine's disk. */
  readonly file = async ({ workflow }: VersionRecord): Promise<string> => this.#files.get(workflow)!;
}
