import type { Attempt, TaskRun } from "../api/runs.ts";
import type { State } from "../words/state.ts";

/** A stretch of a task run's time, and what it was doing. */
export interface Piece {
  readonly kind: "waiting" | "queued" | "deferred" | "ran" | "retry_wait";
  /** Milliseconds. */
  readonly from: number;
  readonly to: number;
  /** Of what ran: how it ended, or `running`. */
  readonly state: State;
}

export interface Span {
  readonly pieces: readonly Piece[];
  /** How long code was at work, over all attempts. */
  readonly ranMs: number;
  readonly attempts: readonly Attempt[];
}

interface Known {
  /** When the run, or this generation of it, began. */
  readonly begunAt: number;
  readonly now: number;
}

const ms = (moment: string | null): number | null => (moment === null ? null : Date.parse(moment));
const OUTCOMES: Readonly<Record<string, State>> = {
  succeeded: "succeeded",
  failed: "failed",
  skipped: "skipped",
  cancelled: "cancelled",
  deferred: "deferred",
  lost: "cancelled",
};

/** Where the time of one task run went. `ended`: its ended executions, in order. */
export function spanOf(row: TaskRun, ended: readonly Attempt[], { begunAt, now }: Known): Span {
  const pieces: Piece[] = [];
  let at = begunAt;
  let after: Piece["kind"] = "waiting";
  let ranMs = 0;
  const add = (kind: Piece["kind"], to: number | null, state: State): void => {
    if (to === null) return;
    if (to > at) pieces.push({ kind, from: at, to, state });
    at = Math.max(at, to);
  };
  const ran = (
    queued: string | null,
    claimed: string | null,
    started: string | null,
    end: number,
    state: State,
  ): void => {
    add(after, ms(queued) ?? ms(claimed) ?? ms(started), "waiting");
    const begun = ms(started) ?? ms(claimed);
    add("queued", begun, "queued");
    if (begun === null) return;
    pieces.push({ kind: "ran", from: Math.max(begun, begunAt), to: Math.max(end, begun), state });
    at = Math.max(at, end);
    ranMs += Math.max(0, end - begun);
  };
  const past = ended.length > 0 ? ended : [];
  for (const { queuedAt, claimedAt, startedAt, endedAt, outcome } of past) {
    ran(queuedAt, claimedAt, startedAt, Date.parse(endedAt), OUTCOMES[outcome] ?? "cancelled");
    after = outcome === "deferred" ? "deferred" : "retry_wait";
  }
  const last = past.at(-1);
  const told = last !== undefined && last.claim >= row.claim && row.endedAt !== null;
  const end = ms(row.endedAt);
  if (end !== null) {
    if (!told && (row.claimedAt !== null || row.startedAt !== null) && last?.endedAt !== row.endedAt)
      ran(row.queuedAt, row.claimedAt, row.startedAt, end, row.state);
    else if (pieces.length === 0) add("waiting", end, "waiting");
  } else if (row.state === "running") ran(row.queuedAt, row.claimedAt, row.startedAt, now, "running");
  else if (row.state === "queued") {
    add(after, ms(row.queuedAt), "waiting");
    add("queued", now, "queued");
  } else if (row.state === "deferred") add("deferred", now, "deferred");
  else if (row.state === "up_for_retry") add("retry_wait", now, "up_for_retry");
  else add("waiting", now, "waiting");
  return { pieces, ranMs, attempts: past.filter(({ outcome }) => outcome !== "deferred") };
}
