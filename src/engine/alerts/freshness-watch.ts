import { receiversOf } from "../../core/alert-plan.ts";
import type { AssetManifest } from "../../core/asset-manifest.ts";
import { addMs, type Instant } from "../../core/clock.ts";
import { type Freshness, freshnessOf } from "../../core/freshness.ts";
import { momentText } from "../../core/moment-text.ts";
import type { NewAlert } from "../../store/alerts.ts";
import type { AssetUpdateRecord } from "../../store/assets.ts";
import type { Store, VersionRecord } from "../../store/store.ts";
import type { EngineClock } from "../engine-clock.ts";

export interface FreshnessWatchDeps {
  readonly store: Pick<Store, "alerts" | "assets">;
  /** The one that schedules go by: an asset may have to be there by a time on the wall. */
  readonly clock: EngineClock;
  /** Something was recorded that is due. */
  readonly recorded: () => void;
  readonly notice: (text: string) => void;
  /** Code may be deployed elsewhere, and is looked for this often. Default: it says so itself. */
  readonly lookEveryMs?: number;
}

/** An asset that is late may be updated, and late again, at any time. */
const LOOK_EVERY_MS = 60_000;
const LEAST_MS = 1_000;

interface Watched {
  readonly asset: AssetManifest;
  readonly version: VersionRecord;
  /** Of the task that says it. */
  readonly task: number;
}

/**
 * Tells that an asset is older than it may be. Nothing has to be heard of updates: it looks when the first asset would be late, and what was
 * updated meanwhile is not. Every scheduler looks; an alert is recorded once for each update that was the last one, whoever saw it.
 */
export class FreshnessWatch {
  readonly #deps: FreshnessWatchDeps;
  #stopTimer: () => void = () => {};
  #looking: Promise<void> | null = null;
  #again = false;
  #stopped = false;

  constructor(deps: FreshnessWatchDeps) {
    this.#deps = deps;
  }

  look(): void {
    if (this.#stopped) return;
    this.#again = true;
    this.#looking ??= this.#looked().finally(() => {
      this.#looking = null;
      if (this.#again) this.look();
    });
  }

  async settled(): Promise<void> {
    while (this.#looking !== null) await this.#looking;
  }

  stop(): void {
    this.#stopped = true;
    this.#stopTimer();
  }

  async #looked(): Promise<void> {
    this.#stopTimer();
    const { clock, notice } = this.#deps;
    let nextMs: number | null = LOOK_EVERY_MS;
    while (this.#again && !this.#stopped) {
      this.#again = false;
      try {
        nextMs = await this.#tell();
      } catch (error) {
        notice(`The age of assets can't be looked at now: ${(error as Error).message}`);
      }
    }
    if (this.#stopped || nextMs === null) return;
    this.#stopTimer = clock.at(addMs(clock.now(), nextMs), () => this.look());
  }

  /** Answers when to look again, in milliseconds; `null`: when something is deployed. */
  async #tell(): Promise<number | null> {
    const { store, clock, recorded, lookEveryMs = null } = this.#deps;
    const watched = watchedIn(await store.assets.watched());
    if (watched.length === 0) return lookEveryMs;
    const latest = await store.assets.latest([...new Set(watched.map(({ asset }) => asset.name))]);
    const last = new Map(latest.map((update) => [update.asset, update]));
    const now = clock.now();
    const alerts: NewAlert[] = [];
    let nextMs = LOOK_EVERY_MS;
    for (const each of watched) {
      const update = last.get(each.asset.name) ?? null;
      const freshness = freshnessOf(each.asset.freshness!, update?.at ?? each.version.createdAt, now);
      if (freshness.state === "late") alerts.push(...alertsOf(each, update, freshness, now));
      else nextMs = Math.min(nextMs, (freshness.at - now) / 1000);
    }
    if (alerts.length > 0) {
      await store.alerts.add(alerts);
      recorded();
    }
    return Math.max(LEAST_MS, nextMs);
  }
}

const watchedIn = (versions: readonly VersionRecord[]): readonly Watched[] =>
  versions.flatMap((version) =>
    version.manifest.tasks.flatMap(({ assets = [] }, task) =>
      assets.filter(({ freshness, alerts }) => freshness && alerts?.stale).map((asset) => ({ asset, version, task })),
    ),
  );

function alertsOf(
  { asset, version, task }: Watched,
  update: AssetUpdateRecord | null,
  { at }: Freshness,
  now: Instant,
): NewAlert[] {
  const { manifest } = version;
  const receivers = receiversOf(manifest.tasks[task]!.alerts, "stale", task);
  const since = update === null ? "It was never updated" : `Its last update was at ${momentText(update.at)}`;
  const message = `Asset "${asset.name}" has been late since ${momentText(at)}. ${since}.`;
  return (asset.alerts?.stale ?? []).map((place) => ({
    workflow: manifest.name,
    runId: null,
    versionId: version.id,
    event: "stale",
    task: manifest.tasks[task]!.name,
    handler: receivers[place]!.handler,
    receiver: receivers[place]!.name,
    taskRunId: 0,
    attempt: null,
    count: 1,
    error: { name: "AssetStale", code: "ASSET_STALE", message },
    at: now,
    dueAt: now,
    thenDueAt: now,
    once: `stale ${manifest.name} ${receivers[place]!.name} ${asset.name} ${update?.id ?? "never"}`,
  }));
}
