import { TuttiError } from "../core/errors.ts";
import type { GivenEvent } from "../core/event.ts";
import type { RunWindow } from "../core/window.ts";
import type { BackfillerDeps } from "../engine/backfill/backfiller.ts";
import type { HeardEvent } from "../engine/events/publisher.ts";
import type { ControlBefore, ControlRequest } from "../engine/control-request.ts";
import type { ChangeListener } from "../engine/run-changes.ts";
import type { RunListener } from "../engine/run-event.ts";
import type { AccessChange, AccessResult, AuditEntry } from "../store/access.ts";
import type { BackfillRecord } from "../store/backfills.ts";
import type { Deployment, DeploymentResult } from "../store/deployment.ts";
import type { PoolChange, PoolRecord } from "../store/limits.ts";
import type { PauseState } from "../store/schedules.ts";
import type { NewVersion } from "../store/store.ts";
import type { BackfillRequest } from "./backfill-request.ts";
import type { Pruned } from "./retention.ts";

/** A run that is asked for. Whoever asks gives it its id, so that asking twice makes one run. */
export interface RunRequest {
  readonly id: string;
  readonly version: NewVersion | StoredVersion;
  /** Of a version that the store has. */
  readonly workflow?: string;
  /** As the user gave them; `undefined`: none. */
  readonly params?: unknown;
  readonly window: RunWindow;
  /** It takes no value that another run has made. Default: tasks with `cacheFor` do. */
  readonly fresh?: boolean;
}

/** A version that the store has already. */
export interface StoredVersion {
  readonly id: number;
  readonly hash: string;
}

/** How an ended run goes on. */
export interface RetryOptions {
  /** From its first task: nothing keeps its value, and no value of another run is taken. Default: from the failed ones. */
  readonly fresh?: boolean;
  /** The code it goes on with: this, or what was deployed last. Default: that which it has. */
  readonly version?: NewVersion | "latest";
  /** The generation that whoever asks has seen: a run that has gone on since is left alone. Default: the one it has. */
  readonly generation?: number;
}

/** What goes along with a cancel that is left for others. */
export interface CancelOptions {
  /** The generation that whoever asks has seen. Default: the one it has. */
  readonly generation?: number | undefined;
}

/** What has happened, checked (`core/event.ts`). */
export interface EmitRequest {
  readonly uid: string;
  readonly event: GivenEvent;
}

export interface OwnerStatus {
  readonly pid: number;
  /** The command it runs, as the user typed it. */
  readonly command: string;
  /** Ids of the runs that it advances. */
  readonly runs: readonly string[];
}

/**
 * The way to whoever does the work of a store: an engine in this process (`OwnEngine`), in another one on this machine
 * (`OwnerClient`, `InboxSession`), or any number anywhere (`FleetSession`). Who works with it need not know which.
 */
export interface RunSession {
  /** Whether the engine is in this process. */
  readonly isOwner: boolean;
  /** Resolves when there is no engine behind it any more. What was not finished can be resumed by the next owner. */
  readonly gone: Promise<void>;
  /** Durable when it resolves. The listener is told from the beginning. @throws TuttiError as `Engine.submit`; `OwnerGone` */
  submit(request: RunRequest, listener: RunListener): Promise<void>;
  /** Runs an ended run again. @throws TuttiError as `Engine.retry`; `OwnerGone` */
  retry(runId: string, options: RetryOptions, listener: RunListener): Promise<void>;
  /** Goes on with an unfinished run; one that is live already is only followed. */
  resume(runId: string, listener: RunListener): Promise<void>;
  cancel(runId: string): Promise<void>;
  /** Does something to single tasks of a run. Durable when it resolves. Answers how they were before; `null`: whoever did it did not say. @throws TuttiError as `Engine.control`; `OwnerGone` */
  control(runId: string, request: ControlRequest, listener: RunListener): Promise<ControlBefore | null>;
  /** Tells about a live run from now on. `false`: it is not live. */
  follow(runId: string, listener: RunListener): Promise<boolean>;
  prune(endedBefore: number): Promise<Pruned>;
  deploy(deployment: Deployment): Promise<DeploymentResult>;
  /** `by`: who pauses it; `null` unpauses it. Answers `null` where the workflow is not registered. */
  setPaused(workflow: string, by: string | null): Promise<PauseState | null>;
  /**
   * Asks for a backfill, or turns one. `null`: there is none of that id. `onRest`: where the engine is in this process, told when the backfill
   * has ended, or waits for what does not come by itself. @throws TuttiError `WORKFLOW_NOT_REGISTERED`
   */
  backfill(request: BackfillRequest, onRest?: BackfillerDeps["onRest"]): Promise<BackfillRecord | null>;
  /** Gives a pool another size. Answers how it was; `null`: there is none of that name. */
  resizePool(change: PoolChange): Promise<PoolRecord | null>;
  /** Changes who may do what, with its line in the audit log. @throws TuttiError as `Access.apply`; `OwnerGone` */
  administer(change: AccessChange, audit: AuditEntry | null): Promise<AccessResult>;
  /** Tells which runs have changed, and how far their tasks are. Answers how to stop. */
  changes(listener: ChangeListener): Promise<() => void>;
  /** An alert that has failed is told once more. `false`: there is none of that number that has. */
  retryAlert(id: number): Promise<boolean>;
  /**
   * Something has happened outside: durable, with the runs that it starts, when it resolves. Asked twice with the same `uid`, it has happened once. Answers
   * what became of it at each trigger that hears of it; `null`: whoever does the work has it, and did not say.
   */
  emit(request: EmitRequest): Promise<readonly HeardEvent[] | null>;
  status(): Promise<OwnerStatus>;
  /** What becomes of a run when this command goes away before its end, as a sentence for the user. */
  afterStop(runId: string): string;
  /** An owner lets running tasks end for up to `graceMs`; a client only stops following. */
  close(graceMs: number): Promise<void>;
}

/** Of whoever only wants a thing done: nothing is told, and nothing is sent to be told. */
export const NOBODY: RunListener = () => {};

export const goesOnWithOwner = (runId: string): string =>
  `Run ${runId} goes on as long as the process that owns the store. To follow it again: tutti logs ${runId} -f`;

/** The owner went away before it answered: another one must be asked. */
export class OwnerGone extends TuttiError {
  constructor() {
    super("OWNER_GONE", "The process that owned the store has ended. Run the command again.");
    this.name = "OwnerGone";
  }
}
