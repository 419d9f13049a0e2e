import type { Outcome } from "../../src/runtime/protocol.ts";
import type { AttemptRecord } from "../../src/store/reader.ts";

/** What a task ends with that lets the failure of a run escape which it has called: that no outcome of its own says so, its history does. */
export const CALL_FAILED: Outcome = {
  state: "failed",
  error: { name: "RunFailed", message: "a run that it called has not succeeded" },
  rule: null,
  retryAfterMs: null,
  final: false,
};

export const isCallFailed = ({ error }: AttemptRecord): boolean => error?.name === "RunFailed";
