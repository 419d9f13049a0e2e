import { manifestHash } from "../authoring/manifest-hash.ts";
import { compileGraph, type Graph } from "../core/graph.ts";
import type { VersionInfo } from "../runtime/protocol.ts";
import type { VersionRecord } from "../store/store.ts";
import { type AlertPlans, alertPlans } from "./alerts/alert-causes.ts";
import { limitedTasks } from "./limits/limit-uses.ts";

/** A version as the engine uses it: compiled once, however many runs it has. */
export interface LiveVersion {
  readonly record: VersionRecord;
  readonly graph: Graph;
  readonly manifestHash: string;
  /** Whom it tells of what; `null`: nobody of anything. */
  readonly alerts: AlertPlans | null;
  /** By task, whether it takes something of a limit; `null`: none does. */
  readonly limited: readonly boolean[] | null;
  /** The bundle on this machine's disk. */
  readonly file: string;
}

export function liveVersion(record: VersionRecord, file: string): LiveVersion {
  const { manifest } = record;
  return {
    record,
    graph: compileGraph(manifest),
    manifestHash: manifestHash(manifest),
    alerts: alertPlans(manifest),
    limited: limitedTasks(manifest),
    file,
  };
}

/** As a child is told of it. */
export const versionInfo = ({ record: { hash, workflow }, file, manifestHash }: LiveVersion): VersionInfo => ({
  hash,
  file,
  workflow,
  manifestHash,
});

/** The versions that runs here are pinned to. */
export class LiveVersions {
  readonly #codeFile: (version: VersionRecord) => Promise<string>;
  readonly #known = new Map<number, Promise<LiveVersion>>();

  constructor(codeFile: (version: VersionRecord) => Promise<string>) {
    this.#codeFile = codeFile;
  }

  /** One whose code could not be had is tried anew the next time. */
  get(record: VersionRecord): Promise<LiveVersion> {
    let live = this.#known.get(record.id);
    if (!live) {
      live = this.#codeFile(record).then((file) => liveVersion(record, file));
      this.#known.set(record.id, live);
      live.catch(() => this.#known.delete(record.id));
    }
    return live;
  }
}
