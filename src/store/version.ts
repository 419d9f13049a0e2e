import type { Instant } from "../core/clock.ts";
import type { WorkflowManifest } from "../core/manifest.ts";

export interface Bundle {
  readonly hash: string;
  readonly code: string;
  readonly map: string | null;
}

export interface NewVersion {
  /** Over bundle and manifest. */
  readonly hash: string;
  readonly manifest: WorkflowManifest;
  readonly bundle: Bundle;
  /** The pipeline file, relative to the project's folder. */
  readonly file: string;
  /** Packages that stay outside the bundle, with the version found when it was made. */
  readonly outside: Readonly<Record<string, string>>;
  readonly createdAt: Instant;
  /** Makes it the version that schedules and `retry --latest` take. Default: false, as for `tutti run`. */
  readonly latest?: boolean;
}

export interface VersionRecord {
  readonly id: number;
  readonly hash: string;
  readonly workflow: string;
  readonly manifest: WorkflowManifest;
  readonly bundleHash: string;
  readonly file: string;
  readonly outside: Readonly<Record<string, string>>;
  /** The store's id of each task, by its place in the manifest; the same name keeps its id from version to version. */
  readonly taskIds: readonly number[];
  readonly createdAt: Instant;
}
