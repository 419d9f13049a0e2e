import { addMs, type Instant } from "../../core/clock.ts";
import { toErrorData } from "../../core/error-data.ts";
import type { ErrorData } from "../../core/errors.ts";
import type { AlertRecord, Alerts } from "../../store/alerts.ts";
import type { EngineClock } from "../engine-clock.ts";
import { patiently } from "../patience.ts";

export interface AlertDeliveryDeps {
  readonly alerts: Alerts;
  readonly clock: EngineClock;
  /** Tells a receiver once. `null`: it was told; else why not. */
  readonly tell: (alert: AlertRecord) => Promise<ErrorData | null>;
  /** Receivers of the configuration, for what did not reach its own. */
  readonly instead: readonly { readonly handler: string; readonly receiver: string }[];
  /** Something went wrong that stops nothing. */
  readonly notice: (text: string) => void;
  /** The outbox is looked at this often, in case another process died with what it was at. Default: never. */
  readonly lookEveryMs?: number;
  /** From the end of one try to the next. Default: `RETRY_AFTER_MS`. */
  readonly retryAfterMs?: readonly number[];
  /** With each of these looks. */
  readonly beside?: () => Promise<void>;
}

/** From the end of one try to the next: the last one is after more than an hour. */
export const RETRY_AFTER_MS = [10_000, 60_000, 600_000, 3_600_000] as const;
/** A receiver has 30 seconds; whoever calls it gives it up after this. */
const GIVE_UP_MS = 45_000;
const LEASE_MS = 60_000;
const AT_ONCE = 20;
const LOOK_AGAIN_MS = 5_000;
/** These will be the same the next time. */
const FINAL = new Set([
  "CONNECTION_NOT_CONFIGURED",
  "CONNECTION_NOT_DECLARED",
  "CONNECTION_UNKNOWN",
  "DRIVER_MISSING",
  "RECEIVER_GONE",
  "WEBHOOK_REFUSED",
]);
const FINAL_NAMES = new Set(["FailWithoutRetry"]);

/**
 * Delivers what stands in the outbox: it sleeps until the next message is due, on one timer, and each message is claimed by one process.
 * At least once: a process that dies between telling and recording tells again, under the same id.
 */
export class AlertDelivery {
  readonly #deps: AlertDeliveryDeps;
  readonly #underWay = new Set<Promise<void>>();
  #looking: Promise<void> | null = null;
  #again = false;
  #stopTimer: () => void = () => {};
  #stopped = false;

  constructor(deps: AlertDeliveryDeps) {
    this.#deps = deps;
  }

  /** There may be something to deliver: looks now, or once more when it is looking already. */
  look(): void {
    if (this.#stopped) return;
    this.#again = true;
    this.#looking ??= this.#looked().finally(() => {
      this.#looking = null;
      // Somebody said so when it had just looked.
      if (this.#again) this.look();
    });
  }

  /** Nothing of it goes on, but for what waits for its time. */
  get idle(): boolean {
    return this.#looking === null && this.#underWay.size === 0;
  }

  /** When nothing is under way. */
  async settled(): Promise<void> {
    while (!this.idle) await Promise.all([this.#looking, ...this.#underWay]);
  }

  /** Everything that was not tried yet is tried now, also what still gathers; then nothing more is begun. What takes longer than `limitMs` stays in the outbox. */
  async drain(limitMs: number): Promise<void> {
    this.stop();
    const late = Promise.withResolvers<void>();
    const cancel = this.#deps.clock.at(addMs(this.#deps.clock.now(), limitMs), late.resolve);
    await Promise.race([this.#rest().catch(() => {}), late.promise]);
    cancel();
  }

  /** Begins nothing more. */
  stop(): void {
    this.#stopped = true;
    this.#stopTimer();
  }

  async #rest(): Promise<void> {
    await this.settled();
    for (let more = true; more;) {
      const { alerts } = await this.#deps.alerts.claim({ limit: AT_ONCE, leaseMs: LEASE_MS, all: true });
      await Promise.all(alerts.map((alert) => this.#deliver(alert)));
      more = alerts.length === AT_ONCE;
    }
  }

  async #looked(): Promise<void> {
    this.#stopTimer();
    let next: number | null = LOOK_AGAIN_MS;
    while (this.#again && !this.#stopped) {
      this.#again = false;
      try {
        next = await this.#claim();
      } catch (thrown) {
        // A store that is away now is asked again.
        this.#deps.notice(`Alerts can't be looked for now: ${toErrorData(thrown).message}`);
        next = LOOK_AGAIN_MS;
      }
    }
    this.#arm(next);
  }

  /** Answers when there is more to do, in milliseconds. */
  async #claim(): Promise<number | null> {
    const room = AT_ONCE - this.#underWay.size;
    if (room === 0) return null;
    const { alerts, nextInMs } = await this.#deps.alerts.claim({ limit: room, leaseMs: LEASE_MS });
    for (const alert of alerts) {
      const delivering: Promise<void> = this.#deliver(alert).finally(() => {
        this.#underWay.delete(delivering);
        this.look();
      });
      this.#underWay.add(delivering);
    }
    return nextInMs;
  }

  #arm(nextInMs: number | null): void {
    const { clock, lookEveryMs, beside } = this.#deps;
    const waitMs = Math.min(nextInMs ?? Infinity, lookEveryMs ?? Infinity);
    if (this.#stopped || waitMs === Infinity) return;
    // At least a millisecond: a clock that is a little behind the store's must not turn it into a loop.
    this.#stopTimer = clock.at(addMs(clock.now(), Math.max(1, waitMs)), () => {
      if (waitMs === lookEveryMs) void beside?.().catch(() => {});
      this.look();
    });
  }

  async #deliver(alert: AlertRecord): Promise<void> {
    const error = await this.#told(alert);
    try {
      await (error === null ? this.#delivered(alert) : this.#failed(alert, error));
    } catch (thrown) {
      // It is given out again when its lease ends.
      this.#deps.notice(`What became of alert ${alert.id} could not be recorded: ${toErrorData(thrown).message}`);
    }
  }

  async #told(alert: AlertRecord): Promise<ErrorData | null> {
    const { clock } = this.#deps;
    const late = Promise.withResolvers<ErrorData>();
    const cancel = clock.at(addMs(clock.now(), GIVE_UP_MS), () => late.resolve(TIMED_OUT));
    try {
      return await Promise.race([this.#deps.tell(alert), late.promise]);
    } catch (thrown) {
      return toErrorData(thrown);
    } finally {
      cancel();
    }
  }

  async #delivered(alert: AlertRecord): Promise<void> {
    const { alerts, clock } = this.#deps;
    const at: Instant = clock.now();
    await this.#patiently(() => alerts.delivered(alert, at));
  }

  async #failed(alert: AlertRecord, error: ErrorData): Promise<void> {
    const { alerts, notice, instead, retryAfterMs = RETRY_AFTER_MS } = this.#deps;
    const final = alert.tries > retryAfterMs.length || FINAL.has(error.code ?? "") || FINAL_NAMES.has(error.name);
    const againMs = final ? null : (retryAfterMs[alert.tries - 1] ?? 0);
    // Nor what a program was to be told: people see it in the list of webhooks.
    const forConfig = alert.handler.startsWith("config.") || alert.webhook !== null;
    const failure = { error, againMs, instead: final && !forConfig ? instead : [] };
    const recorded = await this.#patiently(() => alerts.undelivered(alert, failure));
    if (final && recorded)
      notice(
        `${alert.receiver} could not be told (alert ${alert.id}, ${alert.tries} ${alert.tries === 1 ? "try" : "tries"}): ${error.message}${error.code === undefined ? "" : ` [${error.code}]`}`,
      );
  }

  #patiently<T>(ask: () => Promise<T>): Promise<T> {
    return patiently(this.#deps.clock, ask, (_, tries) => tries > (this.#stopped ? 2 : 8));
  }
}

const TIMED_OUT: ErrorData = {
  name: "TimedOut",
  code: "ALERT_TIMED_OUT",
  message: "Nobody answered whether the alert was told. Is the worker's process blocked?",
};
