import type { Instant } from "./clock.ts";
import type { CachedFrom, ListReports, StoredValue } from "./value.ts";

/** A value that others may take. */
export interface CachedValue {
  readonly from: CachedFrom;
  readonly output: StoredValue | null;
  readonly lists: ListReports | null;
  readonly arms: readonly string[] | null;
}

/** What is asked for: one under one of these keys, and made after this moment. */
export interface CacheQuestion {
  readonly keys: readonly string[];
  readonly after: Instant;
}
