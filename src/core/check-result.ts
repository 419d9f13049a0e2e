export const CHECK_STATUSES = ["pass", "warn", "fail"] as const;
export type CheckStatus = (typeof CHECK_STATUSES)[number];

/** What a check has found, as it is recorded. */
export interface CheckFinding {
  readonly status: CheckStatus;
  readonly message: string | null;
  /** JSON of the user's. */
  readonly metadata: unknown;
  readonly blocking: boolean;
  readonly tookMs: number;
}

export const checkFinding = (payload: string): CheckFinding => JSON.parse(payload) as CheckFinding;

/** What somebody is to be told of: what failed a task, its failure tells. */
export const isTold = ({ status, blocking }: CheckFinding): boolean =>
  status === "warn" || (status === "fail" && !blocking);
