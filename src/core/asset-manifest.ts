import type { FreshnessManifest } from "./freshness.ts";
import type { PartitionsManifest } from "./partition.ts";

/** What a file says of an asset beside its name. */
export interface AssetManifest {
  readonly name: string;
  readonly description?: string;
  readonly owner?: string;
  readonly tags?: readonly string[];
  /** How old it may be. Absent: as old as it gets. */
  readonly freshness?: FreshnessManifest;
  /** The parts that are made and remade one by one. Absent: it has none. */
  readonly partitions?: PartitionsManifest;
  /** Who is told that it is late, and what its checks found: places in the task's plan of alerts. Absent: nobody. */
  readonly alerts?: { readonly stale?: readonly number[]; readonly check?: readonly number[] };
}

/** What is looked at when an asset has been made; its function stands in the code, at the same place. */
export interface CheckManifest {
  readonly asset: string;
  /** Unique among the checks of the asset in this file. */
  readonly name: string;
  readonly description?: string;
  /** What fails, fails the task, and the asset does not count as made. */
  readonly blocking: boolean;
}
