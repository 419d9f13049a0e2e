import { type Mistake, mistakesOf } from "./mistake.ts";

const [schedules, backfills, events] = [mistakesOf("schedules"), mistakesOf("backfills"), mistakesOf("events")];

const OWED = "core/schedule-owed.ts";
const SCHEDULES_SQL = "store/sqlite/schedule.sql.ts";
const STORED_SCHEDULES = "store/sqlite/sqlite-schedules.ts";
const STORED_EVENTS = "store/sqlite/sqlite-events.ts";

/** Of what schedules owe, and of the runs that are let in. */
export const SCHEDULES: readonly Mistake[] = [
  schedules("a window that is missed gets no row", OWED, `take(down.slice(0, -1), "missed");`),
  schedules(
    "what was due while nobody was up is skipped",
    OWED,
    `take(down.slice(-1), "run");`,
    "position = down.at(-1)?.end ?? position;",
  ),
  schedules(
    "the revision of a schedule is not checked",
    SCHEDULES_SQL,
    "where id = ${p.id} and revision = ${p.revision} and enabled_since is not null",
    "where id = ${p.id} and ${p.revision} >= 0 and enabled_since is not null",
  ),
  schedules(
    "who lets runs in does not count those at work",
    STORED_SCHEDULES,
    "maxActive === null ? 0 : this.#atWork(workflow)",
    "0",
  ),
];

/** Of pauses, of workflows and of backfills. */
export const PAUSES: readonly Mistake[] = [
  schedules(
    "the pause is not checked when a decision is recorded",
    SCHEDULES_SQL,
    "w.latest_version = ${p.version} and w.paused_at is null and",
    "w.latest_version = ${p.version} and",
  ),
  schedules(
    "a pause that ends is none that has ended",
    SCHEDULES_SQL,
    "set paused_at = null, paused_by",
    "set paused_by",
  ),
  backfills(
    "a backfill that goes on is paused still",
    "core/backfill-state.ts",
    `resume: "running"`,
    `resume: "paused"`,
  ),
];

/** Of windows of the past. */
export const BACKFILLS: readonly Mistake[] = [
  backfills(
    "a window whose run goes on is run again",
    "core/backfill.ts",
    `if (unfinished) return { action: "skip", reason: "in_flight" };`,
  ),
  backfills(
    "what a backfill has at work is not counted against its own limit",
    "core/backfill-state.ts",
    "Math.min(maxOwn - running,",
    "Math.min(maxOwn,",
  ),
  backfills(
    "runs of a backfill do not count against the limit of the workflow",
    "core/backfill-state.ts",
    "(maxActive ?? Infinity) - active)",
    "maxActive ?? Infinity)",
  ),
  backfills(
    "what was recorded and not begun is not looked for",
    "engine/backfill/backfiller.ts",
    "if (known.unsure || known.record.reopens > 0) await this.#takeUp(known);",
  ),
  backfills(
    "a scheduler goes on from where it stood, not from where the backfill stands",
    "engine/backfill/known-backfill.ts",
    "if (moved) this.#rewind();",
  ),
];

/** Of what has happened, and of the runs that it starts. */
export const EVENTS: readonly Mistake[] = [
  events(
    "a key is not looked up",
    STORED_EVENTS,
    `if (known !== null) return { ...NOTHING, outcome: "repeated", runId: known.run };`,
  ),
  events(
    "updates stay when they have started a run",
    STORED_EVENTS,
    "if (assets !== null) this.#connection.run(sql.clearUpdates({ subscription }));",
  ),
  events(
    "an event that is asked for twice is taken as new",
    STORED_EVENTS,
    "const its = start.events.filter((event) => fresh[event]);",
    "const its = start.events;",
  ),
];
