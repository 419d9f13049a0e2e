import type { VersionSummary } from "./reader.ts";
import type { VersionRecord } from "./store.ts";

/** A row as every database hands it over. */
export interface VersionRow {
  readonly id: number;
  readonly hash: string;
  readonly workflow: string;
  readonly bundle_hash: string;
  readonly file: string;
  readonly outside: string;
  readonly task_ids: string;
  readonly created_at: number;
  readonly manifest: string;
}

export const toVersionRecord = (row: VersionRow): VersionRecord => ({
  id: row.id,
  hash: row.hash,
  workflow: row.workflow,
  manifest: JSON.parse(row.manifest) as VersionRecord["manifest"],
  bundleHash: row.bundle_hash,
  file: row.file,
  outside: JSON.parse(row.outside) as VersionRecord["outside"],
  taskIds: JSON.parse(row.task_ids) as VersionRecord["taskIds"],
  createdAt: row.created_at,
});

export interface VersionSummaryRow extends VersionRow {
  readonly latest: boolean | number;
  readonly unfinished_runs: number;
}

export const toVersionSummary = (row: VersionSummaryRow): VersionSummary => ({
  ...toVersionRecord(row),
  latest: Boolean(row.latest),
  unfinishedRuns: row.unfinished_runs,
});
