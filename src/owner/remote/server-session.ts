import type { Ask } from "../../client/asked.ts";
import type { TuttiClient } from "../../client/tutti-client.ts";
import { TuttiError } from "../../core/errors.ts";
import { momentText } from "../../core/moment-text.ts";
import { isEndedRun } from "../../core/run-state.ts";
import type { ControlRequest } from "../../engine/control-request.ts";
import type { HeardEvent } from "../../engine/events/publisher.ts";
import type { RunListener } from "../../engine/run-event.ts";
import type { BackfillView } from "../../store/store-view.ts";
import type { PoolChange, PoolRecord } from "../../store/limits.ts";
import type { PauseState } from "../../store/schedules.ts";
import type { BackfillRequest } from "../backfill-request.ts";
import { runEnded } from "../../engine/run-not-ended.ts";
import { type EmitRequest, NOBODY, type OwnerStatus, type RetryOptions, type RunRequest } from "../run-session.ts";
import type { WorkSession } from "../work-session.ts";
import { backfill, instantOrNull } from "./from-documents.ts";
import { ServerPools } from "./server-pools.ts";
import { type FollowOptions, ServerFollow } from "./server-follow.ts";

/** The processes behind a server: what is asked of them is asked of it, as whoever the token is of; it writes the audit log. */
export class ServerSession implements WorkSession {
  readonly isOwner = false;
  /** Never: a server that is away comes back. */
  readonly gone = new Promise<void>(() => {});
  readonly #client: TuttiClient;
  readonly #url: string;
  readonly #following = new Set<ServerFollow>();

  constructor(client: TuttiClient, url: string) {
    this.#client = client;
    this.#url = url;
  }

  async submit(request: RunRequest, listener: RunListener): Promise<void> {
    const { id, version, workflow, params, window, fresh } = request;
    if ("manifest" in version || workflow === undefined) throw notThere(this.#url, "take code of this machine");
    const { start, end, partition } = window;
    const when =
      partition === undefined ? { window: { start: momentText(start), end: momentText(end) } } : { partition };
    const of = { workflow, version: version.hash, ...when };
    const more = { ...(params !== undefined && { params }), ...(fresh === true && { fresh }) };
    await this.#client.post("/api/runs", { body: { id, ...of, ...more } });
    this.#follow({ runId: id }, listener);
  }

  async retry(runId: string, { fresh, version }: RetryOptions, listener: RunListener): Promise<void> {
    if (typeof version === "object") throw notThere(this.#url, "take code of this machine");
    const body = { ...(fresh !== undefined && { fresh }), ...(version !== undefined && { version }) };
    const { generation } = await this.#client.post("/api/runs/{run}/retry", { params: { run: runId }, body });
    this.#follow({ runId, quietFirst: true, generation }, listener);
  }

  /** The processes of the store go on with it by themselves: it is only followed. */
  async resume(runId: string, listener: RunListener): Promise<void> {
    const { state } = await this.#client.get("/api/runs/{run}", { params: { run: runId } });
    if (isEndedRun(state)) throw runEnded(runId, state);
    this.#follow({ runId, quietFirst: true }, listener);
  }

  async cancel(runId: string): Promise<void> {
    await this.#client.post("/api/runs/{run}/cancel", { params: { run: runId } });
  }

  /** What the reason is called for is the server's to say: it knows who asks. */
  async control(runId: string, request: ControlRequest, listener: RunListener): Promise<null> {
    const { generation } = await this.#client.post("/api/runs/{run}/control", {
      params: { run: runId },
      body: controlBody(request),
    });
    this.#follow({ runId, quietFirst: true, generation }, listener);
    return null;
  }

  resizePool(change: PoolChange): Promise<PoolRecord | null> {
    return new ServerPools(this.#client).resize(change);
  }

  async setPaused(workflow: string, by: string | null): Promise<PauseState | null> {
    const path = by === null ? "/api/workflows/{workflow}/unpause" : "/api/workflows/{workflow}/pause";
    try {
      const { paused, changed } = await this.#client.post(path, { params: { workflow } });
      const pausedAt = instantOrNull(paused?.since ?? null);
      return { pausedAt, pausedBy: paused?.by ?? null, unchanged: !changed };
    } catch (error) {
      if ((error as { code?: string }).code !== "WORKFLOW_NOT_REGISTERED") throw error;
      return null;
    }
  }

  async backfill(request: BackfillRequest): Promise<BackfillView | null> {
    if (request.kind !== "create") return this.#turn(request.kind, request.id);
    const { backfill: wanted, version, asked } = request;
    if (version !== null || asked === undefined) throw notThere(this.#url, "take code of this machine");
    const { id, workflow, maxActiveRuns, plan } = wanted;
    const { order, reprocess, version: which, schedule } = plan;
    const rules = { order, reprocess, version: which, maxActiveRuns };
    const range = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
    const whose = plan.partitions === undefined ? { schedule: schedule.name } : {};
    const body = { id, workflow, ...rules, ...whose, ...range };
    return backfill(await this.#client.post("/api/backfills", { body }));
  }

  async retryAlert(id: number): Promise<boolean> {
    try {
      await this.#client.post("/api/alerts/{alert}/retry", { params: { alert: String(id) } });
      return true;
    } catch (error) {
      if (!["ALERT_NOT_FAILED", "ALERT_NOT_FOUND"].includes((error as { code?: string }).code ?? "")) throw error;
      return false;
    }
  }

  async emit({ uid, event }: EmitRequest): Promise<readonly HeardEvent[] | null> {
    const { heard } = await this.#client.post("/api/events/{event}", {
      params: { event: event.name },
      query: event.key === null ? {} : { key: event.key },
      ...(event.payload !== null && { body: JSON.parse(event.payload) as unknown }),
      key: uid.replaceAll(/[^\x21-\x7e]/g, "-"),
    });
    return heard as readonly HeardEvent[] | null;
  }

  async status(): Promise<OwnerStatus> {
    return { pid: process.pid, command: "", runs: [] };
  }

  afterStop(runId: string): string {
    return `Run ${runId} goes on behind "${this.#url}". To follow it again: tutti logs ${runId} -f`;
  }

  async close(): Promise<void> {
    for (const following of this.#following) following.close();
  }

  async #turn(action: "pause" | "resume" | "cancel", id: string): Promise<BackfillView | null> {
    const paths = {
      pause: "/api/backfills/{backfill}/pause",
      resume: "/api/backfills/{backfill}/resume",
      cancel: "/api/backfills/{backfill}/cancel",
    } as const;
    return backfill(await this.#client.post(paths[action], { params: { backfill: id } }));
  }

  #follow(options: FollowOptions, listener: RunListener): void {
    if (listener !== NOBODY) this.#following.add(new ServerFollow(this.#client, options, listener));
  }
}

function controlBody(request: ControlRequest): Ask<"post", "/api/runs/{run}/control">["body"] {
  const index = request.index === undefined ? {} : { mapIndex: request.index };
  switch (request.kind) {
    case "clear_tasks":
      return { act: "clear", tasks: [...request.tasks], downstream: request.downstream, ...index };
    case "cancel_task":
      return { act: "cancel", tasks: [request.task], ...index };
    case "mark_task": {
      const reason = request.reason === "" ? {} : { reason: request.reason };
      return { act: "mark", tasks: [request.task], as: request.as, ...reason, ...index };
    }
  }
}

const notThere = (url: string, what: string): TuttiError =>
  new TuttiError(
    "NOT_OVER_HTTP",
    `The server "${url}" does not ${what}. Leave --server out, or deploy it there first.`,
  );
