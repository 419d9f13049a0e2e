import { type AlertEvent, receiversOf } from "../../core/alert-plan.ts";
import { addMs, type Instant } from "../../core/clock.ts";
import { lateAt } from "../../core/deadline.ts";
import { isEndedRun } from "../../core/run-state.ts";
import { isEndedTaskRun } from "../../core/task-run-state.ts";
import { MOST_RUNS, usualLimitMs } from "../../core/usual-duration.ts";
import type { NewAlert } from "../../store/alerts.ts";
import type { LoadedRun, RunRecord, Store, VersionRecord } from "../../store/store.ts";
import { DueTimer } from "../due-timer.ts";
import type { EngineClock } from "../engine-clock.ts";

export interface LateWatchDeps {
  readonly store: Pick<Store, "alerts" | "loadRun" | "getVersion">;
  /** The one that schedules go by: deadlines are times on the wall. */
  readonly clock: EngineClock;
  /** Something was recorded that is due. */
  readonly recorded: () => void;
  readonly notice: (text: string) => void;
}

interface Moment {
  readonly at: Instant;
  readonly event: Extract<AlertEvent, "late" | "slow">;
  /** Its place in the manifest; `null`: the run. */
  readonly task: number | null;
}

interface Watched {
  readonly runId: string;
  readonly version: VersionRecord;
  /** Those to come, the next one first. */
  moments: readonly Moment[];
}

/** A wait is no longer than this at once: a clock that is set is noticed then, and no timer of Node's holds a year. */
const LONGEST_WAIT_MS = 3_600_000;
const TRY_AGAIN_MS = 5_000;

/**
 * Watches runs that have to be there by some time, on one timer. What it knows is in memory, and follows from the runs: whoever advances a run
 * watches it, and an alert is recorded once whoever saw it.
 */
export class LateWatch {
  readonly #deps: LateWatchDeps;
  readonly #watched = new Map<string, Watched>();
  readonly #timer: DueTimer<Watched>;
  readonly #running = new Set<Promise<void>>();
  #stopped = false;

  constructor(deps: LateWatchDeps) {
    this.#deps = deps;
    const { clock } = deps;
    const patient: EngineClock = {
      now: () => clock.now(),
      at: (at, call) => clock.at(Math.min(at, addMs(clock.now(), LONGEST_WAIT_MS)), call),
      soon: (call) => clock.soon(call),
      random: () => clock.random(),
    };
    this.#timer = new DueTimer(patient, (watched) => this.#run(() => this.#due(watched)));
  }

  /** A run goes on here, or is held back. A retried one was told of before. */
  began(run: RunRecord, version: VersionRecord): void {
    if (this.#stopped || run.generation > 1 || run.trigger === "backfill" || !watches(version)) return;
    if (!this.#watched.has(run.id)) this.#run(() => this.#begin(run, version));
  }

  ended(runId: string): void {
    const watched = this.#watched.get(runId);
    if (!watched) return;
    this.#watched.delete(runId);
    this.#timer.set(watched, null);
    this.#timer.arm();
  }

  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  stop(): void {
    this.#stopped = true;
    this.#timer.stop();
  }

  #run(work: () => Promise<void>): void {
    const running: Promise<void> = work()
      .catch((error: Error) => this.#deps.notice(`Deadlines can't be looked at now: ${error.message}`))
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async #begin(run: RunRecord, version: VersionRecord): Promise<void> {
    const { manifest } = version;
    const moments: Moment[] = [];
    const add = (at: Instant | null, event: Moment["event"], task: number | null): void => {
      if (at !== null) moments.push({ at, event, task });
    };
    const watched: Watched = { runId: run.id, version, moments };
    this.#watched.set(run.id, watched);
    if (manifest.deadline) add(lateAt(manifest.deadline, run), "late", null);
    manifest.tasks.forEach(({ deadline }, task) => deadline && add(lateAt(deadline, run), "late", task));
    if (manifest.alerts?.late && manifest.slowAlerts !== false) {
      const usual = usualLimitMs(await this.#deps.store.alerts.durations(run.workflow, MOST_RUNS));
      if (usual !== null) add(addMs(run.startedAt ?? this.#deps.clock.now(), usual), "slow", null);
    }
    this.#wait({ ...watched, moments: moments.toSorted((a, b) => a.at - b.at) });
  }

  #wait(watched: Watched): void {
    // It has ended meanwhile, or there is nothing to wait for.
    if (!this.#watched.has(watched.runId) || this.#stopped) return;
    if (watched.moments.length === 0) return void this.#watched.delete(watched.runId);
    this.#watched.set(watched.runId, watched);
    this.#timer.set(watched, watched.moments[0]!.at);
    this.#timer.arm();
  }

  async #due(watched: Watched): Promise<void> {
    const { store, clock, recorded, notice } = this.#deps;
    const now = clock.now();
    const due = watched.moments.filter(({ at }) => at <= now);
    try {
      const loaded = await store.loadRun(watched.runId);
      if (loaded === null || isEndedRun(loaded.run.state)) return this.ended(watched.runId);
      const alerts = due.flatMap((moment) => alertsOf(watched.version, loaded, moment, now));
      await store.alerts.add(alerts);
      if (alerts.length > 0) recorded();
      this.#wait({ ...watched, moments: watched.moments.filter(({ at }) => at > now) });
    } catch (error) {
      notice(`A deadline can't be looked at now: ${(error as Error).message}`);
      if (!this.#watched.has(watched.runId)) return;
      this.#timer.set(watched, addMs(now, TRY_AGAIN_MS));
    } finally {
      // Others wait on the same timer.
      if (!this.#stopped) this.#timer.arm();
    }
  }
}

const watches = ({ manifest }: VersionRecord): boolean =>
  manifest.alerts?.late !== undefined || manifest.tasks.some(({ deadline }) => deadline !== undefined);

function alertsOf(
  version: VersionRecord,
  { run, taskRuns }: LoadedRun,
  { event, task }: Moment,
  now: Instant,
): NewAlert[] {
  const { manifest, taskIds } = version;
  const rows =
    task === null ? [] : taskRuns.filter(({ taskId, state }) => taskId === taskIds[task] && state !== "removed");
  if (rows.length > 0 && rows.every(({ state }) => isEndedTaskRun(state))) return [];
  const name = task === null ? null : (manifest.tasks[task]?.name ?? null);
  const plan = task === null ? manifest.alerts : manifest.tasks[task]?.alerts;
  return receiversOf(plan, event, task).map(({ handler, name: receiver }) => ({
    workflow: run.workflow,
    runId: run.id,
    versionId: version.id,
    event,
    task: name,
    handler,
    receiver,
    taskRunId: rows.find(({ state }) => !isEndedTaskRun(state))?.id ?? 0,
    attempt: null,
    count: 1,
    error: null,
    at: now,
    dueAt: now,
    thenDueAt: now,
    once: `${event} ${run.id} ${handler}`,
  }));
}
