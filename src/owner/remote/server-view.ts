import { MAX_BACKFILL } from "../../core/backfill.ts";
import { instantOfRunId } from "../../core/run-id.ts";
import { momentText } from "../../core/moment-text.ts";
import { selectionText } from "../../core/run-selection.ts";
import type { WorkflowManifest } from "../../core/manifest.ts";
import type { TuttiClient } from "../../client/tutti-client.ts";
import type { TokenRecord, UserRecord } from "../../store/access.ts";
import type { AlertQuery } from "../../store/alerts.ts";
import type { ApprovalQuery, ApprovalRecord } from "../../store/approvals.ts";
import type { BackfillQuery } from "../../store/backfills.ts";
import type { RunDetailOptions, RunQuery, VersionQuery } from "../../store/reader.ts";
import type { WindowQuery, WindowRecord } from "../../store/schedules.ts";
import type {
  AlertView,
  AttemptView,
  BackfillView,
  PreviewedBackfill,
  PreviewedText,
  ProcessView,
  RunListed,
  RunView,
  ScheduleView,
  StoreView,
  VersionListed,
  VersionView,
  WorkflowListed,
} from "../../store/store-view.ts";
import * as from from "./from-documents.ts";
import { approvalsThere } from "./server-approvals.ts";
import { ServerPools } from "./server-pools.ts";
import { allPages } from "./all-pages.ts";

/** A store as its server shows it. */
export class ServerView implements StoreView {
  readonly access: StoreView["access"];
  readonly limits: ServerPools;
  readonly #client: TuttiClient;

  constructor(client: TuttiClient) {
    this.#client = client;
    this.access = { users: () => this.#users(), tokens: () => this.#tokens() };
    this.limits = new ServerPools(client);
  }

  async listRuns({ workflow, states, partitions, limit, before, after }: RunQuery): Promise<readonly RunListed[]> {
    const fields = {
      ...(workflow === undefined ? {} : { workflow: [workflow].flat() }),
      ...(states === undefined ? {} : { state: [...states] }),
      ...(after === undefined ? {} : { from: momentText(instantOfRunId(after)) }),
      ...(before === undefined ? {} : { to: momentText(instantOfRunId(before)) }),
    };
    // A key may have a comma, which separates keys in a query.
    const query = partitions === undefined ? fields : { select: selectionText({ ...fields, partition: partitions }) };
    const found = await allPages(limit, (page) => this.#client.get("/api/runs", { query: { ...query, ...page } }));
    return found.map(from.listedRun);
  }

  async findRun(prefix: string): Promise<string> {
    return (await this.#run(prefix.toLowerCase())).id;
  }

  async runDetail(runId: string, { outputs = true }: RunDetailOptions = {}): Promise<RunView | null> {
    const params = { run: runId };
    const run = await absent("RUN_NOT_FOUND", this.#run(runId));
    if (run === null) return null;
    const rows = await allPages(Infinity, (page) =>
      this.#client.get("/api/runs/{run}/task-runs", { params, query: { outputs, ...page } }),
    );
    const version = await this.#version(run.workflow, run.version);
    return { ...from.runHead(run), version, taskRuns: rows.map(from.taskRun) };
  }

  async runHead(runId: string): Promise<Pick<RunView, "run" | "counts"> | null> {
    const run = await absent("RUN_NOT_FOUND", this.#run(runId));
    return run && from.runHead(run);
  }

  async attempts(runId: string): Promise<readonly AttemptView[]> {
    const rows = await allPages(Infinity, (query) =>
      this.#client.get("/api/runs/{run}/attempts", { params: { run: runId }, query }),
    );
    return rows.map(from.attempt);
  }

  async listWorkflows(): Promise<readonly WorkflowListed[]> {
    const found = await allPages(Infinity, (page) =>
      this.#client.get("/api/workflows", { query: { retired: true, ...page } }),
    );
    return found.map(({ paused, lastRun, runs, ...workflow }) => ({
      name: workflow.name,
      version: workflow.version,
      file: workflow.file,
      deployed: workflow.deployed,
      retired: workflow.retired,
      paused: paused && { at: from.instant(paused.since), by: paused.by },
      counts: runs,
      lastRun: lastRun && { ...lastRun, createdAt: from.instant(lastRun.createdAt) },
      shown: {
        description: workflow.description,
        tags: workflow.tags,
        tasks: workflow.tasks,
        starts: workflow.starts,
        nextRun: from.instantOrNull(workflow.nextRun),
      },
    }));
  }

  async listTagged(tags: readonly string[]): Promise<readonly string[]> {
    const found = await allPages(Infinity, (page) =>
      this.#client.get("/api/workflows", { query: { tag: [...tags], retired: true, ...page } }),
    );
    return found.map(({ name }) => name);
  }

  async latestVersion(workflow: string): Promise<VersionView | null> {
    const found = await absent(
      "WORKFLOW_NOT_FOUND",
      this.#client.get("/api/workflows/{workflow}", { params: { workflow } }),
    );
    return found && this.#version(workflow, found.version);
  }

  async listVersions(workflow: string, { limit }: VersionQuery): Promise<readonly VersionListed[]> {
    const found = await absent(
      "WORKFLOW_NOT_FOUND",
      allPages(limit, (page) =>
        this.#client.get("/api/workflows/{workflow}/versions", {
          params: { workflow },
          query: { manifests: true, ...page },
        }),
      ),
    );
    return (found ?? []).map(({ version, file, registeredAt, latest, unfinishedRuns, outside, manifest }) => ({
      hash: version,
      file,
      createdAt: from.instant(registeredAt),
      latest,
      unfinishedRuns,
      outside: outside as VersionListed["outside"],
      manifest: manifest as WorkflowManifest,
    }));
  }

  async listSchedules(workflows?: readonly string[]): Promise<readonly ScheduleView[]> {
    const query = workflows === undefined ? {} : { workflow: [...workflows] };
    const found = await allPages(Infinity, (page) =>
      this.#client.get("/api/schedules", { query: { ...query, ...page } }),
    );
    return found.map(({ workflow, name, cursor, enabledSince, unfinished, active, held }) => ({
      workflow,
      name,
      cursor: cursor as ScheduleView["cursor"],
      enabledSince: from.instantOrNull(enabledSince),
      unfinished,
      active,
      held,
    }));
  }

  async listWindows({ workflow, schedule, from: begin, to, limit }: WindowQuery): Promise<readonly WindowRecord[]> {
    const query = { schedule, from: momentText(begin), to: momentText(to) };
    const found = await allPages(limit, (page) =>
      this.#client.get("/api/workflows/{workflow}/windows", { params: { workflow }, query: { ...query, ...page } }),
    );
    return found.map(({ startFold, endFold, startsAt, state, run, outcome, ...window }) => ({
      ...window,
      startFold: startFold === 1 ? 1 : 0,
      endFold: endFold === 1 ? 1 : 0,
      startsAt: from.instant(startsAt),
      state: state as WindowRecord["state"],
      runId: run,
      lastOutcome: outcome as WindowRecord["lastOutcome"],
    }));
  }

  async listBackfills({ workflow, states, limit }: BackfillQuery): Promise<readonly BackfillView[]> {
    const query = {
      ...(workflow === undefined ? {} : { workflow: [workflow].flat() }),
      ...(states === undefined ? {} : { state: [...states] }),
    };
    const found = await allPages(limit, (page) => this.#client.get("/api/backfills", { query: { ...query, ...page } }));
    return found.map(from.backfill);
  }

  async *previewBackfill(asked: PreviewedBackfill): AsyncGenerator<PreviewedText> {
    yield* await allPages(MAX_BACKFILL, async (page) => {
      const body = { ...asked, ...page };
      const { windows, next } = await this.#client.post("/api/backfills/preview", { body });
      return { items: windows, next };
    });
  }

  async findBackfill(prefix: string): Promise<BackfillView> {
    return from.backfill(await this.#client.get("/api/backfills/{backfill}", { params: { backfill: prefix } }));
  }

  async listProcesses(limit: number): Promise<readonly ProcessView[]> {
    const found = await allPages(limit, (query) => this.#client.get("/api/workers", { query }));
    return found.map(({ startedAt, roles, labels, ...process }) => ({
      ...process,
      roles: roles as ProcessView["roles"],
      labels: labels as ProcessView["labels"],
      startedAt: from.instant(startedAt),
    }));
  }

  listApprovals({ limit }: ApprovalQuery): Promise<readonly ApprovalRecord[]> {
    return approvalsThere(this.#client, limit);
  }

  async listAlerts({ limit, states, runId }: AlertQuery): Promise<readonly AlertView[]> {
    const query = {
      ...(states === undefined ? {} : { state: [...states] }),
      ...(runId === undefined ? {} : { run: runId }),
    };
    const found = await allPages(limit, (page) => this.#client.get("/api/alerts", { query: { ...query, ...page } }));
    return found.map(from.alert);
  }

  async close(): Promise<void> {}

  #run(run: string) {
    return this.#client.get("/api/runs/{run}", { params: { run } });
  }

  async #version(workflow: string, version: string): Promise<VersionView> {
    const path = "/api/workflows/{workflow}/versions/{version}";
    const found = await this.#client.get(path, { params: { workflow, version } });
    const { id, file, manifest } = found;
    return { id, hash: found.version, workflow, file, manifest: manifest as WorkflowManifest };
  }

  async #users(): Promise<readonly UserRecord[]> {
    const found = await allPages(Infinity, (query) => this.#client.get("/api/users", { query }));
    return found.map(({ createdAt, ...user }) => ({ ...user, createdAt: from.instant(createdAt) }));
  }

  async #tokens(): Promise<readonly TokenRecord[]> {
    const found = await allPages(Infinity, (query) => this.#client.get("/api/tokens", { query }));
    return found.map(({ createdAt, expiresAt, lastUsedAt, revokedAt, ...token }) => ({
      ...token,
      createdAt: from.instant(createdAt),
      expiresAt: from.instantOrNull(expiresAt),
      lastUsedAt: from.instantOrNull(lastUsedAt),
      revokedAt: from.instantOrNull(revokedAt),
    }));
  }
}

/** `null` where the server says that there is none. */
async function absent<T>(code: string, asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if ((error as { code?: string }).code !== code) throw error;
    return null;
  }
}
