import type { ApprovalAnswer } from "../core/approval.ts";
import { systemClock } from "../core/clock.ts";
import type { BackfillerDeps } from "../engine/backfill/backfiller.ts";
import type { ControlBefore, ControlRequest } from "../engine/control-request.ts";
import type { HeardEvent } from "../engine/events/publisher.ts";
import type { ChangeListener } from "../engine/run-changes.ts";
import type { RunListener } from "../engine/run-event.ts";
import type { AccessChange, AccessResult, AuditEntry } from "../store/access.ts";
import type { BackfillRecord } from "../store/backfills.ts";
import type { Deployment, DeploymentResult } from "../store/deployment.ts";
import type { PoolChange, PoolRecord } from "../store/limits.ts";
import type { PauseState } from "../store/schedules.ts";
import { backfillOf, type BackfillRequest } from "./backfill-request.ts";
import { ALLOW_ALL, pass, type Policy } from "./policy.ts";
import type { Pruned } from "./retention.ts";
import type { EmitRequest, RetryOptions, RunRequest, RunSession } from "./run-session.ts";

/** Another session, of which everything that somebody changes through it is written into the audit log. */
export class AuditedSession implements RunSession {
  readonly isOwner: boolean;
  readonly gone: Promise<void>;
  readonly #session: RunSession;
  readonly #actor: string;
  readonly #notice: (text: string) => void;
  readonly #policy: Policy;
  /** Written beside the work: nobody waits for the line, but the session does not close without it. */
  readonly #writing = new Set<Promise<unknown>>();

  constructor(session: RunSession, actor: string, notice: (text: string) => void, policy: Policy = ALLOW_ALL) {
    this.isOwner = session.isOwner;
    this.gone = session.gone;
    this.#session = session;
    this.#actor = actor;
    this.#notice = notice;
    this.#policy = policy;
  }

  async submit(request: RunRequest, listener: RunListener): Promise<void> {
    await this.#pass("run.start", request.id);
    await this.#session.submit(request, listener);
    const { version, window, workflow } = request;
    const name = "manifest" in version ? version.manifest.name : workflow;
    this.#record("run.start", request.id, null, { workflow: name, version: version.hash, date: window.date });
  }

  async retry(runId: string, options: RetryOptions, listener: RunListener): Promise<void> {
    await this.#pass("run.retry", runId);
    await this.#session.retry(runId, options, listener);
    this.#record("run.retry", runId, null, {
      fresh: options.fresh === true,
      version: typeof options.version === "object" ? options.version.hash : (options.version ?? "same"),
    });
  }

  resume(runId: string, listener: RunListener): Promise<void> {
    return this.#session.resume(runId, listener);
  }

  async control(runId: string, request: ControlRequest, listener: RunListener): Promise<ControlBefore | null> {
    const { kind, ...rest } = request;
    const action = `run.${kind}`;
    await this.#pass(action, runId);
    const before = await this.#session.control(runId, request, listener);
    this.#record(action, runId, before, rest);
    return before;
  }

  async resizePool(change: PoolChange): Promise<PoolRecord | null> {
    await this.#pass("pool.resize", change.name);
    const before = await this.#session.resizePool(change);
    if (before !== null) this.#record("pool.resize", change.name, { slots: before.slots }, { slots: change.slots });
    return before;
  }

  async cancel(runId: string): Promise<void> {
    await this.#pass("run.cancel", runId);
    await this.#session.cancel(runId);
    this.#record("run.cancel", runId, null, { cancelRequested: true });
  }

  follow(runId: string, listener: RunListener): Promise<boolean> {
    return this.#session.follow(runId, listener);
  }

  async prune(endedBefore: number): Promise<Pruned> {
    await this.#pass("store.prune", "store");
    const pruned = await this.#session.prune(endedBefore);
    const { more: _more, ...counts } = pruned;
    this.#record("store.prune", "store", null, { endedBefore, ...counts });
    return pruned;
  }

  async deploy(deployment: Deployment): Promise<DeploymentResult> {
    await this.#pass("workflow.deploy", "all");
    const result = await this.#session.deploy(deployment);
    for (const { version, change } of result.workflows)
      if (change !== "unchanged")
        this.#record("workflow.deploy", version.workflow, null, { version: version.hash, change });
    for (const workflow of result.retired) this.#record("workflow.retire", workflow, null, { retired: true });
    return result;
  }

  async setPaused(workflow: string, by: string | null): Promise<PauseState | null> {
    await this.#pass(by === null ? "workflow.unpause" : "workflow.pause", workflow);
    const state = await this.#session.setPaused(workflow, by);
    if (state !== null && !state.unchanged)
      this.#record(
        by === null ? "workflow.unpause" : "workflow.pause",
        workflow,
        { paused: by === null },
        { paused: by !== null },
      );
    return state;
  }

  async backfill(request: BackfillRequest, onRest?: BackfillerDeps["onRest"]): Promise<BackfillRecord | null> {
    await this.#pass(`backfill.${request.kind}`, backfillOf(request));
    const record = await this.#session.backfill(request, onRest);
    if (record !== null) {
      const { workflow, state, total } = record;
      this.#record(`backfill.${request.kind}`, record.id, null, { workflow, state, windows: total });
    }
    return record;
  }

  async retryAlert(id: number): Promise<boolean> {
    await this.#pass("alert.retry", String(id));
    const found = await this.#session.retryAlert(id);
    if (found) this.#record("alert.retry", String(id), null, { state: "trying" });
    return found;
  }

  async emit(request: EmitRequest): Promise<readonly HeardEvent[] | null> {
    await this.#pass("event.emit", request.event.name);
    const heard = await this.#session.emit(request);
    const started = heard?.filter((each) => each.outcome === "started").map((each) => each.runId) ?? [];
    const { kind, name, key, payload } = request.event;
    if (kind === "approval") {
      const { approval, approved, comment } = JSON.parse(payload ?? "{}") as ApprovalAnswer;
      this.#record("approval.answer", approval, null, { approved, comment });
    } else this.#record("event.emit", name, null, { key, started });
    return heard;
  }

  administer(change: AccessChange, audit: AuditEntry | null): Promise<AccessResult> {
    return this.#session.administer(change, audit);
  }

  changes(listener: ChangeListener): Promise<() => void> {
    return this.#session.changes(listener);
  }

  status() {
    return this.#session.status();
  }

  afterStop(runId: string): string {
    return this.#session.afterStop(runId);
  }

  async close(graceMs: number): Promise<void> {
    await Promise.all(this.#writing);
    await this.#session.close(graceMs);
  }

  #pass(action: string, target: string): Promise<void> {
    return pass(this.#policy, { actor: this.#actor, action, target });
  }

  #record(action: string, target: string, before: object | null, after: object): void {
    const entry = auditEntry(this.#actor, action, target, before, after);
    const writing = this.#session
      .administer({ kind: "record" }, entry)
      .catch((error: Error) =>
        this.#notice(`The audit log has no line for "${action}" of "${target}": ${error.message}`),
      )
      .finally(() => this.#writing.delete(writing));
    this.#writing.add(writing);
  }
}

/** A line of the audit log, of now. `before` and `after`: what could be changed; never a secret. */
export const auditEntry = (
  actor: string,
  action: string,
  target: string,
  before: object | null,
  after: object | null,
): AuditEntry => ({
  at: systemClock.now(),
  actor,
  action,
  target,
  before: before === null ? null : JSON.stringify(before),
  after: after === null ? null : JSON.stringify(after),
});
