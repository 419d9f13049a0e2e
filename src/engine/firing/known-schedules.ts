import type { Instant } from "../../core/clock.ts";
import type { ScheduleRecord } from "../../store/schedules.ts";
import type { Store, VersionRecord } from "../../store/store.ts";
import { KnownSchedule } from "./known-schedule.ts";

/** All schedules of a store, as this process last read them. */
export class KnownSchedules {
  readonly #store: Pick<Store, "schedules" | "getVersion">;
  #byWorkflow = new Map<string, readonly KnownSchedule[]>();
  #versions = new Map<number, VersionRecord>();
  #staleWorkflows = new Set<string>();
  #allStale = true;

  constructor(store: Pick<Store, "schedules" | "getVersion">) {
    this.#store = store;
  }

  get size(): number {
    return this.#byWorkflow.size;
  }

  of(workflow: string): readonly KnownSchedule[] {
    return this.#byWorkflow.get(workflow) ?? [];
  }

  /** What is known of them may be wrong by now. Default: of all. */
  outdate(workflows?: readonly string[]): void {
    if (workflows === undefined) this.#allStale = true;
    else for (const workflow of workflows) this.#staleWorkflows.add(workflow);
  }

  /** Reads what is out of date. Answers what was read. */
  async refresh(): Promise<readonly KnownSchedule[]> {
    const [all, stale] = [this.#allStale, this.#staleWorkflows];
    if (!all && stale.size === 0) return [];
    this.#allStale = false;
    this.#staleWorkflows = new Set();
    try {
      const { schedules } = this.#store;
      const records = await schedules.list(all ? undefined : [...stale], false);
      const versions = new Map(all ? [] : this.#versions);
      for (const { versionId } of records) if (!versions.has(versionId)) await this.#readVersion(versionId, versions);
      this.#versions = versions;
      const read = this.#replace(all ? null : stale, records);
      // Counting takes time, and few need it.
      const counting = new Set(read.flatMap((known) => (known.dependsOnRuns ? [known.record.workflow] : [])));
      const counted = counting.size === 0 ? [] : await schedules.list([...counting]);
      const byId = new Map(counted.map((record) => [record.id, record]));
      for (const known of read) known.record = byId.get(known.record.id) ?? known.record;
      return read;
    } catch (error) {
      this.outdate(all ? undefined : [...stale]);
      throw error;
    }
  }

  /** Those that have something to decide, the earliest first. */
  due(now: Instant): readonly KnownSchedule[] {
    const due: KnownSchedule[] = [];
    for (const schedules of this.#byWorkflow.values())
      for (const schedule of schedules) if (schedule.dueAt !== null && schedule.dueAt <= now) due.push(schedule);
    return due.sort((a, b) => a.dueAt! - b.dueAt!);
  }

  /** When the next one has; `null`: none, until something else happens. */
  nextDueAt(): Instant | null {
    let next: Instant | null = null;
    for (const schedules of this.#byWorkflow.values())
      for (const { dueAt } of schedules) if (dueAt !== null && (next === null || dueAt < next)) next = dueAt;
    return next;
  }

  *[Symbol.iterator](): Generator<KnownSchedule> {
    for (const schedules of this.#byWorkflow.values()) yield* schedules;
  }

  async #readVersion(id: number, versions: Map<number, VersionRecord>): Promise<void> {
    const version = this.#versions.get(id) ?? (await this.#store.getVersion(id));
    if (version !== null) versions.set(id, version);
  }

  /** `workflows`: those that were asked about, of which some may be gone; `null`: all. */
  #replace(workflows: ReadonlySet<string> | null, records: readonly ScheduleRecord[]): readonly KnownSchedule[] {
    const before = this.#byWorkflow;
    const read = Map.groupBy(
      records.flatMap((record) => this.#known(record, before.get(record.workflow) ?? [])),
      ({ record }) => record.workflow,
    );
    if (workflows === null) this.#byWorkflow = read;
    else
      for (const workflow of workflows) {
        const schedules = read.get(workflow);
        if (schedules === undefined) before.delete(workflow);
        else before.set(workflow, schedules);
      }
    return [...read.values()].flat();
  }

  /** None where the latest version changed between two reads: it is read again when it is decided about. */
  #known(record: ScheduleRecord, before: readonly KnownSchedule[]): KnownSchedule[] {
    const version = this.#versions.get(record.versionId);
    const schedule = version?.manifest.schedules.find(({ name }) => name === record.name);
    if (version === undefined || schedule === undefined) return [];
    const known = new KnownSchedule(record, version, schedule);
    const was = before.find(({ record: { id } }) => id === record.id);
    known.hasRival = was?.hasRival ?? false;
    known.notBefore = was?.notBefore ?? 0;
    return [known];
  }
}
