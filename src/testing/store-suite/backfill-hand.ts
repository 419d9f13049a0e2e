import type { BackfillPlan } from "../../core/backfill.ts";
import type { RunState } from "../../core/run-state.ts";
import { localWindow } from "../../core/schedule-cursor.ts";
import { TimeZone } from "../../core/time-zone.ts";
import type { BackfillStep, CandidateWindow } from "../../store/backfills.ts";
import { sampleGroup, sampleRun, sampleRunId, T0 } from "../store-samples.ts";
import { scheduledVersion } from "./schedule-facts.ts";
import { DAY, type StoreFixture } from "./store-fixture.ts";

export const PLAN: BackfillPlan = {
  schedule: { name: "schedule", kind: "preset", preset: "@daily", timezone: "UTC" },
  from: "2025-08-12",
  to: "2025-08-15",
  order: "oldest",
  reprocess: "none",
  version: "latest",
};
export const ID = "backfill1";
export const NOW = T0 + 100 * DAY;
export const FREE = { maxActive: null, past: [] };
const UTC = TimeZone.of("UTC");

/** What facts about backfills do. */
export function backfillHand(db: StoreFixture) {
  const backfills = () => db.store.backfills;
  const register = async () => (await db.store.registerVersion(scheduledVersion("feed", ["schedule"]))).id;
  const create = (more: Partial<BackfillPlan> = {}, maxActiveRuns = 10, id = ID, workflow = "feed") =>
    backfills().create({
      id,
      workflow,
      plan: {
        ...PLAN,
        ...more,
      },
      versionId: null,
      maxActiveRuns,
      total: 4,
      createdAt: T0,
      createdBy: "ada",
    });
  const only = async (id = ID) => await db.reader.findBackfill(id);

  /** Window number `day`; the run that it would get has the number `run`. */
  function window(day: number, versionId: number, run = day + 1): CandidateWindow {
    const start = T0 + day * DAY;
    const date = new Date(start / 1000).toISOString().slice(0, 10);
    return {
      window: { start, end: start + DAY, date, timezone: "UTC" },
      local: localWindow({ start: start / 1000, end: (start + DAY) / 1000 }, UTC),
      run: sampleRun(sampleRunId(run), versionId, { state: "queued", trigger: "backfill", intervalStart: start }),
    };
  }
  const step = async (
    versionId: number,
    windows: readonly CandidateWindow[],
    more: Partial<BackfillStep> = {},
    id = ID,
  ) => {
    const { revision } = await only(id);
    const rest = { exhausted: false, limits: FREE, yields: true, now: NOW };
    return backfills().step({ id, revision, versionId, windows, ...rest, ...more });
  };
  const end = async (run: number, state: RunState, endedAt = T0) => {
    const { revision } = (await db.load(sampleRunId(run))).run;
    await db.commit(sampleGroup(sampleRunId(run), revision, { run: { state, endedAt } }));
  };
  const reopen = async (run: number) => {
    const { revision, generation } = (await db.load(sampleRunId(run))).run;
    const change = { state: "running", generation: generation + 1, endedAt: null } as const;
    await db.commit(sampleGroup(sampleRunId(run), revision, { run: change }));
  };

  return { backfills, register, create, only, window, step, end, reopen };
}
