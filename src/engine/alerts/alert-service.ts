import { handlerText } from "../../core/alert-plan.ts";
import type { ErrorData } from "../../core/errors.ts";
import { parseHandler } from "../../core/alert-plan.ts";
import type { AlertRecord } from "../../store/alerts.ts";
import type { RunRecord, Store, VersionRecord } from "../../store/store.ts";
import type { ConfigCode, AlertCall } from "../../runtime/protocol.ts";
import type { EngineClock } from "../engine-clock.ts";
import { liveVersion } from "../live-version.ts";
import { AlertDelivery } from "./alert-delivery.ts";
import { alertMessage, type AlertMessageDeps } from "./alert-message.ts";
import { FreshnessWatch } from "./freshness-watch.ts";
import { LateWatch } from "./late-watch.ts";

export interface AlertServiceDeps extends Pick<AlertMessageDeps, "lines" | "publicUrl"> {
  readonly store: Store;
  readonly clock: EngineClock;
  /** The one that schedules go by. Default: `clock`. */
  readonly wallClock?: EngineClock;
  /** Calls a receiver in its own code. */
  readonly tell: (call: AlertCall) => Promise<ErrorData | null>;
  readonly codeFile: (version: VersionRecord) => Promise<string>;
  /** Names of the receivers that the configuration has, and their code. */
  readonly config: { readonly receivers: readonly string[]; readonly code: () => Promise<ConfigCode> };
  /** Tells a webhook outside of what has happened. Default: there is none. */
  readonly post?: (alert: AlertRecord) => Promise<ErrorData | null>;
  readonly notice: (text: string) => void;
  /** Among several schedulers, what others left behind is looked for this often. Default: there is one. */
  readonly lookEveryMs?: number;
  /** From the end of one try to the next. Default: ten seconds, a minute, ten, and an hour. */
  readonly retryAfterMs?: readonly number[];
}

/** A receiver has this long to be told. */
export const ALERT_LIMIT_MS = 30_000;

/** An end waits no longer for what is to be told. */
const DRAIN_MS = 10_000;

/** Tells people: delivers what is in the outbox, watches deadlines, and records what is wrong with Tutti itself. One per scheduler. */
export class AlertService {
  readonly #deps: AlertServiceDeps;
  readonly #delivery: AlertDelivery;
  readonly #late: LateWatch;
  readonly #freshness: FreshnessWatch;
  readonly #hasLate = new Map<string, boolean>();
  #started = false;
  /** What happens may be for one. */
  #hasWebhooks = false;

  constructor(deps: AlertServiceDeps) {
    const { store, clock, wallClock = clock, notice, lookEveryMs, retryAfterMs } = deps;
    this.#deps = deps;
    this.#delivery = new AlertDelivery({
      alerts: store.alerts,
      clock,
      tell: (alert) => this.#tell(alert),
      instead: this.#config,
      notice,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      ...(lookEveryMs !== undefined && { lookEveryMs, beside: () => this.#lookAround() }),
    });
    const watching = { store, clock: wallClock, recorded: () => this.look(), notice };
    this.#late = new LateWatch(watching);
    this.#freshness = new FreshnessWatch({ ...watching, ...(lookEveryMs !== undefined && { lookEveryMs }) });
  }

  /** Goes on with what is in the outbox, and with deadlines of runs that are held back. */
  async start(): Promise<void> {
    const { store } = this.#deps;
    // Not twice, and nothing is claimed before: it would be taken from itself.
    if (!this.#started) await store.alerts.takeOver();
    this.#started = true;
    await this.webhooksChanged();
    this.look();
    this.#freshness.look();
    for (const { workflow, held } of await store.schedules.list())
      if (held > 0)
        for (const run of await store.schedules.activeRuns(workflow)) if (run.held) await this.#watch(run.id);
  }

  /** There may be something to deliver. */
  readonly look = (): void => {
    if (this.#started) this.#delivery.look();
  };

  /** Something has happened that webhooks may be told of: the database knows which. */
  readonly happened = (): void => {
    if (this.#hasWebhooks) this.look();
  };

  /** There may be other webhooks than before. */
  async webhooksChanged(): Promise<void> {
    this.#hasWebhooks = (await this.#deps.store.webhooks.list()).length > 0;
  }

  /** A run goes on here. */
  readonly began = (run: RunRecord, version: VersionRecord): void => this.#late.began(run, version);

  /** A schedule has made a run, which may be held back. */
  async fired(runId: string, workflow: string): Promise<void> {
    const known = this.#hasLate.get(workflow) ?? (await this.#looksAt(workflow));
    if (known) await this.#watch(runId);
  }

  /** Whoever is told of runs that schedules have made, and this one as well. */
  firing<Fired extends { readonly runId: string; readonly workflow: string }>(onFired: (fired: Fired) => void) {
    return (fired: Fired): void => {
      void this.fired(fired.runId, fired.workflow).catch(() => {});
      onFired(fired);
    };
  }

  /** One that has failed is told once more. `false`: there is none of that number that has. */
  async again(id: number): Promise<boolean> {
    const found = await this.#deps.store.alerts.again(id);
    this.look();
    return found;
  }

  ended(runId: string): void {
    this.#late.ended(runId);
    this.happened();
  }

  /** Something was deployed. */
  changed(): void {
    this.#hasLate.clear();
    if (this.#started) this.#freshness.look();
  }

  /** Something is wrong with Tutti itself: told once for each `once`, to whom the configuration names. */
  async problem(error: ErrorData, once: string, workflow: string | null = null): Promise<void> {
    const at = this.#deps.clock.now();
    const about = { workflow, runId: null, versionId: null, event: "problem", task: null, taskRunId: 0 } as const;
    await this.#deps.store.alerts.add(
      this.#config.map((to) => ({
        ...about,
        ...to,
        attempt: null,
        count: 1,
        error,
        at,
        dueAt: at,
        thenDueAt: at,
        once: `problem ${to.handler} ${once}`,
      })),
    );
    this.look();
  }

  /** When nothing of it goes on but what waits for its time. */
  async settled(): Promise<void> {
    await this.#late.settled();
    await this.#freshness.settled();
    await this.#delivery.settled();
  }

  get idle(): boolean {
    return this.#delivery.idle;
  }

  /** Tells what was not tried yet, for up to `limitMs`; the rest stays in the outbox, for whoever comes next. */
  async close(limitMs = DRAIN_MS): Promise<void> {
    this.#late.stop();
    this.#freshness.stop();
    if (this.#started) await this.#delivery.drain(limitMs);
  }

  get #config(): readonly { readonly handler: string; readonly receiver: string }[] {
    return this.#deps.config.receivers.map((receiver, place) => ({
      handler: handlerText({ of: "config", place }),
      receiver,
    }));
  }

  async #tell(row: AlertRecord): Promise<ErrorData | null> {
    const { store, codeFile, config, tell, post } = this.#deps;
    if (row.webhook !== null) return post === undefined ? WEBHOOK_GONE : post(row);
    const handler = parseHandler(row.handler);
    const version = row.versionId === null ? null : await store.getVersion(row.versionId);
    if (handler.of === "version" && version === null)
      return {
        name: "TuttiError",
        code: "RECEIVER_GONE",
        message: "The version that would tell it is no longer in the store.",
      };
    const code = handler.of === "config" ? await config.code() : await codeOf(version!, codeFile);
    const alert = await alertMessage(this.#deps, row);
    return tell({ code, handler, alert, attempt: row.tries, limitMs: ALERT_LIMIT_MS });
  }

  async #watch(runId: string): Promise<void> {
    const { store } = this.#deps;
    const loaded = await store.loadRun(runId);
    const version = loaded && (await store.getVersion(loaded.run.versionId));
    if (loaded && version) this.#late.began(loaded.run, version);
  }

  async #looksAt(workflow: string): Promise<boolean> {
    const manifest = (await this.#deps.store.latestVersion(workflow))?.manifest;
    const has = manifest?.deadline !== undefined || (manifest?.tasks.some(({ deadline }) => deadline) ?? false);
    this.#hasLate.set(workflow, has);
    return has;
  }

  async #lookAround(): Promise<void> {
    await this.webhooksChanged();
    await this.#lostSchedulers();
  }

  async #lostSchedulers(): Promise<void> {
    if (this.#config.length === 0) return;
    for (const { name, instance, host } of await this.#deps.store.alerts.lostSchedulers()) {
      const message = `Scheduler "${name}" on host "${host}" was lost: its lease has ended without a word. Others go on with its runs.`;
      await this.problem({ name: "SchedulerLost", code: "SCHEDULER_LOST", message }, `lost ${name} ${instance}`);
    }
  }
}

/** Nobody is to be told any more. */
export const WEBHOOK_GONE: ErrorData = {
  name: "TuttiError",
  code: "RECEIVER_GONE",
  message: "The webhook was removed.",
};

async function codeOf(record: VersionRecord, codeFile: AlertServiceDeps["codeFile"]) {
  const { file, manifestHash } = liveVersion(record, await codeFile(record));
  return { hash: record.hash, file, workflow: record.workflow, manifestHash };
}
