import { connect, type Socket } from "node:net";
import { TuttiError } from "../core/errors.ts";
import { isEndedRun } from "../core/run-state.ts";
import type { HeardEvent } from "../engine/events/publisher.ts";
import type { ControlBefore, ControlRequest } from "../engine/control-request.ts";
import type { ChangeListener } from "../engine/run-changes.ts";
import type { RunListener } from "../engine/run-event.ts";
import type { AccessChange, AccessResult, AuditEntry } from "../store/access.ts";
import type { BackfillRecord } from "../store/backfills.ts";
import type { Deployment, DeploymentResult } from "../store/deployment.ts";
import type { PoolChange, PoolRecord } from "../store/limits.ts";
import type { PauseState } from "../store/schedules.ts";
import type { BackfillRequest } from "./backfill-request.ts";
import { onJsonLine, sendJsonLine } from "./json-lines.ts";
import { type OwnerMessage, type OwnerRequest, PROTOCOL } from "./owner-messages.ts";
import type { Pruned } from "./retention.ts";
import {
  type EmitRequest,
  goesOnWithOwner,
  NOBODY,
  OwnerGone,
  type OwnerStatus,
  type RetryOptions,
  type RunRequest,
  type RunSession,
} from "./run-session.ts";

/** An owner that has not said hello by then is suspended, or is no owner of ours. */
const HELLO_LIMIT_MS = 1_500;

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: TuttiError) => void;
}

/** The engine in another process, over its socket. */
export class OwnerClient implements RunSession {
  readonly isOwner = false;
  readonly gone: Promise<void>;
  /** It takes nothing new: wait for `gone`, then ask the next owner. */
  ending = false;
  readonly #socket: Socket;
  readonly #pending = new Map<number, Pending>();
  readonly #listeners = new Map<string, RunListener>();
  readonly #changed = new Set<ChangeListener>();
  #lastId = 0;
  #closed = false;
  #hello: (() => void) | null = null;
  #refused: TuttiError | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.gone = new Promise((resolve) => {
      socket.once("close", () => {
        this.#hungUp();
        resolve();
      });
    });
    socket.on("error", () => socket.destroy());
    onJsonLine(socket, (message) => this.#hear(message as OwnerMessage));
  }

  /** `null`: nobody answers there. @throws TuttiError `OWNER_OTHER_RELEASE` */
  static async connect(path: string): Promise<OwnerClient | null> {
    const client = new OwnerClient(connect(path));
    const said = await client.#saidHello();
    if (client.#refused) throw client.#refused;
    if (!said) client.#socket.destroy();
    return said ? client : null;
  }

  async submit(request: RunRequest, listener: RunListener): Promise<void> {
    await this.#follow(request.id, listener, { kind: "submit", request, ...quietly(listener) });
  }

  async retry(runId: string, options: RetryOptions, listener: RunListener): Promise<void> {
    await this.#follow(runId, listener, { kind: "retry", runId, options, ...quietly(listener) });
  }

  async resume(runId: string, listener: RunListener): Promise<void> {
    await this.#follow(runId, listener, { kind: "resume", runId });
  }

  async cancel(runId: string): Promise<void> {
    await this.#ask({ kind: "cancel", runId });
  }

  async control(runId: string, control: ControlRequest, listener: RunListener): Promise<ControlBefore | null> {
    const answer = this.#follow(runId, listener, { kind: "control", runId, control, ...quietly(listener) });
    return (await answer) as ControlBefore | null;
  }

  async resizePool(change: PoolChange): Promise<PoolRecord | null> {
    return (await this.#ask({ kind: "resizePool", change })) as PoolRecord | null;
  }

  async follow(runId: string, listener: RunListener): Promise<boolean> {
    return (await this.#follow(runId, listener, { kind: "follow", runId })) as boolean;
  }

  async prune(endedBefore: number): Promise<Pruned> {
    return (await this.#ask({ kind: "prune", endedBefore })) as Pruned;
  }

  async deploy(deployment: Deployment): Promise<DeploymentResult> {
    return (await this.#ask({ kind: "deploy", deployment })) as DeploymentResult;
  }

  async setPaused(workflow: string, by: string | null): Promise<PauseState | null> {
    return (await this.#ask({ kind: "setPaused", workflow, by })) as PauseState | null;
  }

  async backfill(request: BackfillRequest): Promise<BackfillRecord | null> {
    return (await this.#ask({ kind: "backfill", request })) as BackfillRecord | null;
  }

  async administer(change: AccessChange, audit: AuditEntry | null): Promise<AccessResult> {
    return (await this.#ask({ kind: "administer", change, audit })) as AccessResult;
  }

  async changes(listener: ChangeListener): Promise<() => void> {
    this.#changed.add(listener);
    if (this.#changed.size === 1) await this.#ask({ kind: "changes" });
    return () => void this.#changed.delete(listener);
  }

  async retryAlert(id: number): Promise<boolean> {
    return (await this.#ask({ kind: "retryAlert", alert: id })) as boolean;
  }

  async emit(request: EmitRequest): Promise<readonly HeardEvent[] | null> {
    return (await this.#ask({ kind: "emit", request })) as readonly HeardEvent[] | null;
  }

  async status(): Promise<OwnerStatus> {
    return (await this.#ask({ kind: "status" })) as OwnerStatus;
  }

  afterStop(runId: string): string {
    return goesOnWithOwner(runId);
  }

  async close(): Promise<void> {
    this.#socket.destroy();
  }

  #follow(runId: string, listener: RunListener, request: Asked): Promise<unknown> {
    if (listener !== NOBODY) this.#listeners.set(runId, listener);
    return this.#ask(request);
  }

  #ask(request: Asked): Promise<unknown> {
    if (this.#closed) return Promise.reject(new OwnerGone());
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      sendJsonLine(this.#socket, { id, ...request });
    });
  }

  #hear(message: OwnerMessage): void {
    switch (message.kind) {
      case "hello":
        this.ending = message.ending;
        if (message.protocol !== PROTOCOL) this.#refuse(message);
        return this.#hello?.();
      case "answer":
        return this.#take(message.id)?.resolve(message.value);
      case "refusal":
        return this.#take(message.id)?.reject(
          message.code === "OWNER_GONE" ? new OwnerGone() : new TuttiError(message.code, message.message),
        );
      case "changed":
        return this.#changed.forEach((listener) => listener.changed(message.runs));
      case "progress":
        return this.#changed.forEach((listener) => listener.progressed(message.all));
      case "event": {
        this.#listeners.get(message.runId)?.(message.event);
        if (message.event.kind === "run" && isEndedRun(message.event.state)) this.#listeners.delete(message.runId);
      }
    }
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }

  #refuse({ pid, command }: OwnerMessage & { kind: "hello" }): void {
    this.#refused = new TuttiError(
      "OWNER_OTHER_RELEASE",
      `The store is owned by process ${pid} ("${command}"), which is of another release of tutti. End it, then run this again.`,
    );
    this.#socket.destroy();
  }

  #saidHello(): Promise<boolean> {
    return new Promise((resolve) => {
      const late = setTimeout(() => resolve(false), HELLO_LIMIT_MS);
      this.#hello = () => {
        clearTimeout(late);
        resolve(true);
      };
      void this.gone.then(() => {
        clearTimeout(late);
        resolve(false);
      });
    });
  }

  #hungUp(): void {
    this.#closed = true;
    for (const { reject } of this.#pending.values()) reject(new OwnerGone());
    this.#pending.clear();
  }
}

const quietly = (listener: RunListener): { quiet?: true } => (listener === NOBODY ? { quiet: true } : {});

type Asked = OwnerRequest extends infer R ? (R extends { id: number } ? Omit<R, "id"> : never) : never;
