import { guardOf } from "../guard.ts";
import type { GroupResult, RunGroup } from "../store.ts";
import type { Instant } from "../../core/clock.ts";
import { alertRow } from "./postgres-alerts.ts";
import { type PreparedGroup, prepare, toBatch, toBatches } from "./group-batch.ts";
import type { PostgresConnection } from "./postgres-connection.ts";
import { isCutOff, sqlState, storeError } from "./postgres-error.ts";
import { useRows } from "./postgres-limits.ts";
import { putRunPartitions } from "./run.sql.ts";
import { fromUuid, toUuid } from "./run-uuid.ts";
import { TaskRunIds } from "./task-run-ids.ts";
import {
  type Beside,
  type CommitRow,
  commitGroups,
  commitGroupsApart,
  commitWith,
  commitWithApart,
  insertWriter,
  settleCommit,
  type WriterRow,
} from "./writer.sql.ts";

const DROPPED: GroupResult = { applied: false, ids: [] };
const FULL: GroupResult = { ...DROPPED, full: true };

/** What `tutti.write_groups` and its callers raise. */
const RAISED = { stale: "TU001", wrongStep: "TU002", noVersion: "TU003", late: "TU004" } as const;

/** Between two commits there is a number that says: the one before was given up. */
const STEP = 2;

/** How long a commit looks for a server that went away under it, before its caller hears of it and tries again. */
const PATIENCE_MS = 2_000;

/** A commit of which the answer was lost. */
interface Uncertain {
  readonly number: number;
  readonly groups: readonly PreparedGroup[];
  /** The places that it dropped, of all groups, from those that it says. */
  readonly toDropped: (said: readonly number[]) => readonly number[];
}

/**
 * Writes a batch in one statement and one round trip, each group whole or not at all. Stale groups are rare, so a batch is
 * first written as if there were none; when a guard fails in the middle of a group, all of it is undone and written again
 * group by group. Commits have numbers, and the writer's row holds the last one that was applied: a lost answer is asked for.
 */
export class GroupWriter {
  readonly #connection: PostgresConnection;
  readonly #now: () => Instant | null;
  readonly #ids: TaskRunIds;
  #writer: number;
  #number = 0;
  #uncertain: Uncertain | null = null;
  #last: Promise<unknown> = Promise.resolve();

  /** `now`: of a test; `null`: the database's. */
  constructor(connection: PostgresConnection, writer: number, now: () => Instant | null) {
    this.#connection = connection;
    this.#now = now;
    this.#writer = writer;
    this.#ids = new TaskRunIds(connection);
  }

  /** One after the other: the writer's row holds one commit. */
  commit(groups: readonly RunGroup[], scheduler: number | null): Promise<readonly GroupResult[]> {
    const result = this.#last.then(() => this.#commit(groups, scheduler));
    this.#last = result.catch(() => {});
    return result;
  }

  async #commit(groups: readonly RunGroup[], scheduler: number | null): Promise<readonly GroupResult[]> {
    const before = await this.#settle(groups);
    if (before !== null) return before;
    await this.#sayPartitions(groups);
    const prepared: PreparedGroup[] = [];
    for (const group of groups) prepared.push(prepare(group, await this.#ids.take(group.inserts.length)));
    try {
      return resultsOf(prepared, await this.#write(prepared, scheduler));
    } catch (cause) {
      throw this.#explain(cause);
    }
  }

  /** Before the run is there, so that whoever takes it knows. Of a run that never comes a row is left, which nobody reads. */
  async #sayPartitions(groups: readonly RunGroup[]): Promise<void> {
    const runs = groups.flatMap(({ create }) =>
      create?.partition === undefined ? [] : [{ run: toUuid(create.id), partition: create.partition }],
    );
    if (runs.length > 0) await this.#connection.run(putRunPartitions({ runs: JSON.stringify(runs) }));
  }

  /** Answers for a batch that was sent before and of which nobody knows what became; `null`: this is another one, or it was not applied. */
  async #settle(groups: readonly RunGroup[]): Promise<readonly GroupResult[] | null> {
    const uncertain = this.#uncertain;
    if (uncertain === null) return null;
    const said = await this.#askFor(uncertain.number);
    this.#uncertain = null;
    return said !== null && isSameBatch(uncertain.groups, groups)
      ? resultsOf(uncertain.groups, uncertain.toDropped(said))
      : null;
  }

  async #write(groups: readonly PreparedGroup[], scheduler: number | null): Promise<readonly number[]> {
    if (needOneAfterTheOther(groups)) return this.#writeApart(groups, scheduler);
    try {
      const batch = toBatch(groups);
      const beside = besideOf(groups, this.#now());
      return await this.#send(
        (number) => {
          const commit = { writer: this.#writer, number, scheduler };
          return beside === null
            ? commitGroups(commit, groups.length, batch)
            : commitWith(commit, groups.length, batch, beside);
        },
        { groups, toDropped: (said) => said },
      );
    } catch (cause) {
      if (sqlState(cause) !== RAISED.stale) throw cause;
    }
    return groups.length === 1 ? [1] : this.#writeApart(groups, scheduler);
  }

  /** A group that contradicts itself is left out: nothing of it could apply. */
  async #writeApart(groups: readonly PreparedGroup[], scheduler: number | null): Promise<readonly number[]> {
    const sent = groups.filter(({ patches }) => patches !== null);
    const places = sent.map((group) => groups.indexOf(group) + 1);
    const runs = `{${[...new Set(sent.map(({ uuid }) => uuid))].join(",")}}`;
    const text = toBatches(sent);
    const beside = besideOf(sent, this.#now());
    return this.#send(
      (number) => {
        const commit = { writer: this.#writer, number, scheduler };
        return beside === null ? commitGroupsApart(commit, runs, text) : commitWithApart(commit, runs, text, beside);
      },
      {
        groups,
        toDropped: (said) => {
          const full = new Set(places.filter((_, index) => said.includes(-index - 1)));
          const kept = new Set(places.filter((place, index) => !said.includes(index + 1) && !full.has(place)));
          const all = groups.map((_, index) => index + 1);
          return all.filter((place) => !kept.has(place)).map((place) => (full.has(place) ? -place : place));
        },
      },
    );
  }

  /** Sends it until it is known to be applied, or known not to be and the server is away. */
  async #send(
    query: (number: number) => ReturnType<typeof commitGroups>,
    uncertain: Omit<Uncertain, "number">,
  ): Promise<readonly number[]> {
    const end = performance.now() + PATIENCE_MS;
    for (let late = false; ;) {
      const number = (this.#number += STEP);
      try {
        const [row] = await this.#connection.once<CommitRow>(query(number));
        return uncertain.toDropped(row!.dropped);
      } catch (cause) {
        if (sqlState(cause) === RAISED.late && !late) {
          // A server that lost its last commits, as a replica may that took over, lost the writer's row too.
          late = true;
          this.#writer = await newWriter(this.#connection);
          continue;
        }
        if (!isCutOff(cause)) throw cause;
        this.#uncertain = { number, ...uncertain };
        const said = await this.#askFor(number);
        this.#uncertain = null;
        if (said !== null) return uncertain.toDropped(said);
        if (performance.now() > end) throw cause;
      }
    }
  }

  /** What the commit of this number dropped; `null`: it was not applied, and from now on it cannot be, however late it comes. */
  async #askFor(number: number): Promise<readonly number[] | null> {
    const [row] = await this.#connection.patiently(
      () => this.#connection.once<WriterRow>(settleCommit({ writer: this.#writer, number })),
      PATIENCE_MS,
    );
    return row !== undefined && row.number === number ? row.dropped : null;
  }

  #explain(cause: unknown): unknown {
    const { message, detail, hint } = cause as { message: string; detail?: string; hint?: string };
    switch (sqlState(cause)) {
      case RAISED.wrongStep:
        return new Error(`Run "${fromUuid(message)}" cannot go from "${detail}" to "${hint}".`, { cause });
      case RAISED.noVersion:
        return new Error(
          `Version ${message} is not in the store. It must be registered before a run of it is created.`,
          { cause },
        );
      default:
        return storeError(this.#connection.name, cause);
    }
  }
}

/** `null`: no group has anything beside. */
function besideOf(groups: readonly PreparedGroup[], now: Instant | null): Beside | null {
  let some = false;
  for (const { group } of groups) some ||= Boolean(group.alerts ?? group.uses ?? group.releases);
  if (!some) return null;
  const rows = (of: (group: RunGroup, place: number) => readonly object[]): string | null => {
    const all = groups.flatMap(({ group }, index) => of(group, index + 1));
    return all.length === 0 ? null : JSON.stringify(all);
  };
  return {
    alerts: rows(({ alerts = [] }, place) => alerts.map((alert) => alertRow(alert, place))),
    uses: rows(({ uses = [] }, place) => useRows(uses, place)),
    releases: rows(({ releases = [], changes }, place) => {
      const offered = new Set(changes.filter((change) => guardOf(change).from === "queued").map(({ id }) => id));
      return releases.map((id) => ({ place, task_run: id, ...(offered.has(id) && { offered: true }) }));
    }),
    now,
  };
}

export const newWriter = async (connection: PostgresConnection): Promise<number> =>
  (await connection.get<{ id: number }>(insertWriter()))!.id;

// A statement sees the rows as they were before it: of one run it can write one group.
const needOneAfterTheOther = (groups: readonly PreparedGroup[]): boolean =>
  groups.some(({ patches }) => patches === null) || new Set(groups.map(({ uuid }) => uuid)).size < groups.length;

const isSameBatch = (sent: readonly PreparedGroup[], groups: readonly RunGroup[]): boolean =>
  sent.length === groups.length && sent.every(({ group }, place) => group === groups[place]);

function resultsOf(groups: readonly PreparedGroup[], said: readonly number[]): readonly GroupResult[] {
  const places = new Set(said);
  // Behind the last group stand the rows of what they take.
  let row = groups.length;
  return groups.map(({ ids, group: { uses = [] } }, index) => {
    const refused = new Set<number>();
    for (const { taskRunId } of uses) if (places.has(++row)) refused.add(taskRunId);
    if (places.has(-index - 1)) return FULL;
    if (places.has(index + 1)) return DROPPED;
    return refused.size === 0 ? { applied: true, ids } : { applied: true, ids, refused: [...refused] };
  });
}
