import { TuttiError } from "../../core/errors.ts";
import type { KeptAttempt } from "./artifact-store.ts";

/** @throws TuttiError `BAD_NAME` for what is no run id, and could lead elsewhere. */
export function runFolder(runId: string): string {
  if (!/^[0-9a-z]{1,64}$/.test(runId)) throw new TuttiError("BAD_NAME", `${JSON.stringify(runId)} is no run id.`);
  return runId;
}

export const isRunFolder = (name: string): boolean => /^[0-9a-z]{26}$/.test(name);
export const isAttemptFolder = (name: string): boolean => /^\d+-\d+$/.test(name);

/** Folders of attempts whose result was not recorded. */
export function orphansAmong(folders: readonly string[], keep: Iterable<KeptAttempt>): string[] {
  const kept = new Set([...keep].map(({ taskRunId, claim }) => `${taskRunId}-${claim}`));
  return folders.filter((folder) => !kept.has(folder));
}
