import type { CachedValue, CacheQuestion } from "../core/cached-value.ts";
import type { Instant } from "../core/clock.ts";

/**
 * Values that task runs of other runs may take. What is kept is only a word about a task run: its value stands in its own row, so a
 * success that is thrown away, and a run that is pruned, take it along.
 */
export interface Cache {
  /**
   * The youngest value under one of these keys; `null`: there is none, or the one who asks takes none: a user wants its run made
   * anew (`renounce`), or a success of its own was thrown away.
   */
  find(query: CacheQuery): Promise<CachedValue | null>;
  /** This run takes no value of another, now and later. It need not be there yet. */
  renounce(runId: string): Promise<void>;
  /** Runs of which a value stands in a run that has not ended, or has not ended before this moment. */
  usedRuns(since: Instant): Promise<readonly string[]>;
  /** The attempts of a run whose value stands in another run: what they wrote stays, whatever has become of their task runs. */
  usedAttempts(runId: string): Promise<readonly UsedAttempt[]>;
  /** Nobody takes a value of these runs any more: what it may refer to is about to go. */
  forget(runIds: readonly string[]): Promise<void>;
}

export interface CacheQuery extends CacheQuestion {
  /** Who asks. */
  readonly taskRunId: number;
  readonly taskId: number;
}

export interface UsedAttempt {
  readonly taskRunId: number;
  /** The first and the last: they differ where it had waited in between. */
  readonly firstClaim: number;
  readonly claim: number;
}

/** Far more than there are: a run, or a task run, each. */
export const MAX_USED = 1_000_000;
