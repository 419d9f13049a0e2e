import { isEndedRun } from "../../core/run-state.ts";
import type { ControlBefore, ControlRequest } from "../../engine/control-request.ts";
import type { ChangeListener } from "../../engine/run-changes.ts";
import type { RunListener } from "../../engine/run-event.ts";
import type { StorePlace } from "../../loader/config-store.ts";
import type { BackfillRecord } from "../../store/backfills.ts";
import { WORK_ROLES } from "../../store/process-list.ts";
import type { Deployment, DeploymentResult } from "../../store/deployment.ts";
import type { AccessChange, AccessResult, AuditEntry } from "../../store/access.ts";
import type { PoolChange, PoolRecord } from "../../store/limits.ts";
import type { PauseState } from "../../store/schedules.ts";
import type { BackfillRequest } from "../backfill-request.ts";
import type { OwnerOptions } from "../owner-options.ts";
import type { Pruned } from "../retention.ts";
import { recordedVersion } from "../recorded-version.ts";
import { retryRequest } from "../retry-request.ts";
import type { HeardEvent } from "../../engine/events/publisher.ts";
import type { EmitRequest, OwnerStatus, RetryOptions, RunRequest, RunSession } from "../run-session.ts";
import { FleetMember } from "./fleet-member.ts";
import { FleetSession } from "./fleet-session.ts";

/** Schedules and works in this process on a PostgreSQL store, for its own runs only; what becomes of them is read as everywhere. */
export class HereSession implements RunSession {
  readonly isOwner = true;
  readonly gone = new Promise<void>(() => {});
  readonly #member: FleetMember;
  readonly #watching: FleetSession;
  readonly #own: Set<string>;

  private constructor(member: FleetMember, watching: FleetSession, own: Set<string>) {
    this.#member = member;
    this.#watching = watching;
    this.#own = own;
    // Nobody waits for it: it ends the command.
    member.failed.catch((error: unknown) =>
      queueMicrotask(() => {
        throw error;
      }),
    );
  }

  /** @throws TuttiError as `FleetMember.open` */
  static async open(options: OwnerOptions, place: StorePlace & { kind: "postgres" }): Promise<HereSession> {
    const { config, notice } = options;
    const own = new Set<string>();
    const watching = await FleetSession.open({ ...options, here: true }, place);
    try {
      const only = () => [...own];
      const member = await FleetMember.open({
        config,
        place,
        roles: WORK_ROLES,
        queues: [],
        labels: {},
        only,
        notice,
      });
      return new HereSession(member, watching, own);
    } catch (error) {
      await watching.close();
      throw error;
    }
  }

  async submit(request: RunRequest, listener: RunListener): Promise<void> {
    const { id, version, params, window, fresh = false } = request;
    const { store, engine } = this.#member;
    const record = await recordedVersion(store, version);
    this.#own.add(id);
    await engine!.submit({ id, version: record, params, window, trigger: "manual", fresh });
    this.#watching.watch(id, listener);
  }

  async retry(runId: string, options: RetryOptions, listener: RunListener): Promise<void> {
    const since = await this.#watching.detail(runId);
    this.#own.add(runId);
    const { generation } = since.run;
    await this.#member.engine!.retry(runId, await retryRequest(this.#member.store, { ...options, generation }));
    this.#watching.watch(runId, listener, { since, generation: generation + 1 });
  }

  /** One that another living scheduler holds stays with it, and is only followed. */
  async resume(runId: string, listener: RunListener): Promise<void> {
    this.#own.add(runId);
    await this.#watching.resume(runId, listener);
    this.#member.engine!.look();
  }

  cancel(runId: string): Promise<void> {
    return this.#watching.cancel(runId);
  }

  async control(runId: string, request: ControlRequest, listener: RunListener): Promise<ControlBefore | null> {
    const since = await this.#watching.detail(runId);
    if (!isEndedRun(since.run.state)) return this.#watching.control(runId, request, listener);
    this.#own.add(runId);
    const { generation } = since.run;
    const before = await this.#member.engine!.control(runId, { ...request, generation });
    this.#watching.watch(runId, listener, { since, generation: generation + 1 });
    return before;
  }

  resizePool(change: PoolChange): Promise<PoolRecord | null> {
    return this.#watching.resizePool(change);
  }

  follow(runId: string, listener: RunListener): Promise<boolean> {
    return this.#watching.follow(runId, listener);
  }

  prune(endedBefore: number): Promise<Pruned> {
    return this.#watching.prune(endedBefore);
  }

  deploy(deployment: Deployment): Promise<DeploymentResult> {
    return this.#watching.deploy(deployment);
  }

  setPaused(workflow: string, by: string | null): Promise<PauseState | null> {
    return this.#watching.setPaused(workflow, by);
  }

  backfill(request: BackfillRequest): Promise<BackfillRecord | null> {
    return this.#watching.backfill(request);
  }

  administer(change: AccessChange, audit: AuditEntry | null): Promise<AccessResult> {
    return this.#watching.administer(change, audit);
  }

  changes(listener: ChangeListener): Promise<() => void> {
    return this.#watching.changes(listener);
  }

  retryAlert(id: number): Promise<boolean> {
    return this.#watching.retryAlert(id);
  }

  emit(request: EmitRequest): Promise<readonly HeardEvent[]> {
    return this.#watching.emit(request);
  }

  async status(): Promise<OwnerStatus> {
    return { ...(await this.#watching.status()), runs: this.#member.engine!.liveRuns };
  }

  afterStop(runId: string): string {
    return `Stopped. Run ${runId} is not finished: the schedulers of its store go on with it. Without any: tutti resume ${runId} --here`;
  }

  async close(graceMs: number): Promise<void> {
    await this.#member.close(graceMs);
    await this.#watching.close();
  }
}
