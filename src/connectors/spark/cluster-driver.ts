import { setTimeout as delay } from "node:timers/promises";
import type { Context } from "../../authoring/context.ts";
import { DriverWatch } from "./driver-watch.ts";
import type { Asker, DriverStatus, SparkCluster } from "./spark-cluster.ts";
import type { SparkConnection } from "./spark-connection.ts";
import { SparkFailed, type SparkIds, SparkLost, SparkUnreachable } from "./spark-errors.ts";
import { fingerprint, type JobSpec, type SparkRun } from "./spark-job.ts";
import { SparkUi } from "./spark-ui.ts";
import { SubmissionDrawer, type SubmissionRecord } from "./submission-record.ts";

const LOOK_EVERY_MS = 1_000;
/** Within the grace that a cancelled task has. */
const KILL_WITHIN_MS = 8_000;
/** A master that has just started may not have heard of its workers' drivers yet. */
const GONE_AFTER_MS = 10_000;

type Submitted = SubmissionRecord & { readonly id: string };

/** One application whose driver the cluster runs: handed over once, watched by as many attempts as it takes. */
export class ClusterDriver {
  readonly #ctx: Context;
  readonly #cluster: SparkCluster;
  readonly #connection: SparkConnection;
  readonly #drawer: SubmissionDrawer;
  readonly #watch: DriverWatch;

  constructor(ctx: Context, connection: SparkConnection, cluster: SparkCluster) {
    this.#ctx = ctx;
    this.#cluster = cluster;
    this.#connection = connection;
    this.#drawer = new SubmissionDrawer(ctx);
    this.#watch = new DriverWatch(ctx);
  }

  async run(spec: JobSpec): Promise<SparkRun> {
    const before = await this.#patiently(() => this.#attach(spec));
    const submitted = before ?? (await this.#submit(spec));
    try {
      const status = await this.#follow(submitted, before !== null);
      return await this.#end(submitted, status, before !== null);
    } catch (error) {
      if (this.#ctx.signal.aborted) await this.#stopped(submitted.id);
      throw error;
    } finally {
      this.#watch.close();
    }
  }

  /** What an earlier attempt has submitted and nobody has heard the end of. `null`: there is nothing like that. */
  async #attach(spec: JobSpec): Promise<Submitted | null> {
    const record = await this.#drawer.read();
    if (record === null) return null;
    if (record.master !== this.#connection.master) {
      this.#ctx.log.warn(
        `An earlier attempt submitted to ${record.master}, which this connection does not point to any more.`,
      );
      return null;
    }
    const id = record.id ?? (await this.#cluster.find(record.key, this.#asker));
    if (id === null) return null;
    const { state } = await this.#cluster.status(id, record.uiPort, this.#asker);
    if (state === "killed" || state === "gone") {
      this.#ctx.log.warn(
        `"${id}", which an earlier attempt submitted, was ${state === "gone" ? "lost" : "killed"}: it is submitted again.`,
      );
      return null;
    }
    if (record.fingerprint !== fingerprint(spec, record.master)) return await this.#replace(id);
    this.#ctx.log.info(`"${id}" was submitted by an earlier attempt: it is watched, and nothing is submitted again.`);
    return record.id === null ? { ...(await this.#drawer.submitted(record, id)), id } : { ...record, id };
  }

  /** Two applications of one task run must not write at the same time. */
  async #replace(id: string): Promise<null> {
    this.#ctx.log.warn(
      `"${id}", which an earlier attempt submitted, is another application or has other arguments: it is killed.`,
    );
    await this.#kill(id);
    return null;
  }

  async #submit(spec: JobSpec): Promise<Submitted> {
    const { submission, record } = await this.#drawer.begin(spec, this.#connection.master);
    try {
      const id = await this.#patiently(
        () => this.#cluster.submit(submission, this.#asker),
        ({ unsent }) => unsent,
      );
      this.#ctx.log.info(`submitted as "${id}"`, { master: this.#connection.master });
      return { ...(await this.#drawer.submitted(record, id)), id };
    } catch (error) {
      if (error instanceof SparkFailed) await this.#drawer.forget();
      // It may have been handed over all the same.
      if (this.#ctx.signal.aborted) await this.#stopped(null, record.key);
      throw error;
    }
  }

  /** Until it has ended. */
  async #follow({ id, key, uiPort }: Submitted, attached: boolean): Promise<DriverStatus> {
    const { signal } = this.#ctx;
    const log = this.#cluster.log(id, attached);
    let goneSince: number | null = null;
    let ui: SparkUi | null = null;
    for (;;) {
      const status = await this.#patiently(() => this.#cluster.status(id, uiPort, this.#asker));
      this.#watch.named(status.applicationId);
      const ended = ["succeeded", "failed", "killed"].includes(status.state);
      if (ui === null && status.ui.length > 0) ui = new SparkUi(status.ui, key);
      if (!ended) this.#watch.look(ui);
      for (const line of await log.read(ended, signal)) this.#watch.line(line);
      if (ended) return status;
      goneSince = status.state === "gone" ? (goneSince ?? performance.now()) : null;
      if (goneSince !== null && performance.now() - goneSince > GONE_AFTER_MS) return status;
      await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }

  async #end({ id }: Submitted, { state, message }: DriverStatus, attached: boolean): Promise<SparkRun> {
    const ids: SparkIds = { applicationId: this.#watch.applicationId, submissionId: id };
    if (state === "succeeded") {
      this.#watch.succeeded();
      return { ...ids, attached, jobs: this.#watch.jobs };
    }
    // Before it is told: what has been told once must not be found again by the next attempt.
    await this.#drawer.forget();
    if (state === "gone") throw new SparkLost(ids, `${message}. Was the cluster restarted without recovery?`);
    const { stage, reason } = this.#watch.failure.found;
    throw new SparkFailed(ids, message, { stage, reason });
  }

  /** Our task was told to stop. A worker that shuts down leaves the application running: the task goes on elsewhere, and finds it. */
  async #stopped(id: string | null, key?: string): Promise<void> {
    if ((this.#ctx.signal.reason as { code?: string } | null)?.code === "SHUTTING_DOWN") return;
    try {
      const known = id ?? (key === undefined ? null : await this.#cluster.find(key, ASIDE));
      if (known !== null) await this.#kill(known);
      await this.#drawer.forget();
    } catch (error) {
      this.#ctx.log.error(`The application could not be killed, and may be running: ${(error as Error).message}`, {
        id,
      });
    }
  }

  async #kill(id: string): Promise<void> {
    const until = performance.now() + KILL_WITHIN_MS;
    for (;;) {
      await this.#cluster.kill(id, ASIDE);
      const { state } = await this.#cluster.status(id, 0, ASIDE);
      if (state !== "waiting" && state !== "running")
        return this.#ctx.log.info(`"${id}" is ended on the cluster`, { state });
      if (performance.now() > until) throw new SparkUnreachable(`"${id}" was told to end, and is still ${state}.`);
      await delay(LOOK_EVERY_MS / 4);
    }
  }

  /** A cluster that does not answer for a moment costs nobody an attempt. */
  async #patiently<T>(
    question: () => Promise<T>,
    mayAskAgain: (error: SparkUnreachable) => boolean = () => true,
  ): Promise<T> {
    const until = performance.now() + this.#connection.patienceMs;
    for (let tries = 0; ; tries++) {
      try {
        return await question();
      } catch (error) {
        if (!(error instanceof SparkUnreachable) || !mayAskAgain(error) || performance.now() > until) throw error;
        if (tries === 0) this.#ctx.log.warn(error.message);
      }
      const { signal } = this.#ctx;
      await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }

  get #asker(): Asker {
    return { signal: this.#ctx.signal, onLine: (line) => this.#watch.line(line) };
  }
}

/** Of a task that has been told to stop. */
const ASIDE: Asker = { signal: null, onLine: () => {} };
