import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BuiltWorkflow } from "../../src/authoring/built.ts";
import { manifestHash } from "../../src/authoring/manifest-hash.ts";
import type { WorkflowManifest } from "../../src/core/manifest.ts";
import { Engine } from "../../src/engine/engine.ts";
import { systemEngineClock } from "../../src/engine/engine-clock.ts";
import { progressByHints } from "../../src/engine/fleet-process.ts";
import { RemoteWorker } from "../../src/engine/remote-worker.ts";
import type { WorkerHost } from "../../src/engine/worker-host.ts";
import type { LogLine } from "../../src/runtime/protocol.ts";
import {
  migratePostgres,
  openPostgresStore,
  openPostgresWakeUps,
} from "../../src/store/postgres/open-postgres-store.ts";
import type { PostgresStore } from "../../src/store/postgres/postgres-store.ts";
import type { VersionRecord } from "../../src/store/store.ts";
import type { WakeUps } from "../../src/store/wake-ups.ts";
import { InlineHost } from "../../src/testing/inline-host.ts";
import type { PostgresServer } from "./postgres-server.ts";

export const WINDOW = { start: 0, end: 86_400_000_000, date: "1970-01-01", timezone: "UTC" };

export interface WorkerSettings {
  readonly queues?: readonly string[];
  readonly slots?: number;
  readonly leaseMs?: number;
  readonly patienceMs?: number;
  /** Of the net below the wake-ups. */
  readonly pollMs?: number;
  /** Another way to the database. */
  readonly at?: string;
  /** Default: one in this process. */
  readonly host?: (name: string) => WorkerHost;
  readonly unfit?: (version: VersionRecord) => string | null;
  readonly codeFile?: (version: VersionRecord) => Promise<string>;
}

export interface FleetWorker {
  readonly worker: RemoteWorker;
  readonly store: PostgresStore;
  readonly wakeUps: WakeUps;
  readonly notices: string[];
  readonly logs: LogLine[];
}

/** Schedulers and worker-only processes on one database, all in this process: each with connections of its own. */
export class RemoteFleet {
  readonly url: string;
  readonly folder = mkdtempSync(join(tmpdir(), "tutti-fleet-"));
  /** Past all of them. */
  readonly direct: PostgresStore;
  readonly #built: BuiltWorkflow | readonly BuiltWorkflow[];
  readonly #cleanUp: (() => Promise<unknown>)[] = [];

  private constructor(url: string, direct: PostgresStore, built: BuiltWorkflow | readonly BuiltWorkflow[]) {
    this.url = url;
    this.direct = direct;
    this.#built = built;
  }

  static async open(
    server: PostgresServer,
    built: BuiltWorkflow | readonly BuiltWorkflow[] = [],
  ): Promise<RemoteFleet> {
    const { url } = await server.makeDatabase();
    await migratePostgres({ url });
    return new RemoteFleet(url, await openPostgresStore({ url }), built);
  }

  register(manifest: WorkflowManifest): Promise<VersionRecord> {
    const hash = manifestHash(manifest);
    const bundle = { hash, code: "", map: null };
    return this.direct.registerVersion({ hash, manifest, bundle, file: "f", outside: {}, createdAt: 0 });
  }

  /** One that only schedules. */
  async scheduler(name = "scheduler", { at = this.url }: { readonly at?: string } = {}): Promise<Engine> {
    const store = await openPostgresStore({ url: at, patienceMs: 200 });
    const wakeUps = await openPostgresWakeUps({ url: at });
    const engine = new Engine({
      store,
      host: new InlineHost(this.#built, { name, slots: 0, artifactsDir: this.folder }),
      clock: systemEngineClock,
      codeFile: async () => "",
      logs: { write() {}, flush() {} },
      membership: {
        wakeUps,
        name,
        leaseMs: 900,
        workerLeaseMs: 1_500,
        worker: null,
        queues: [],
        handOver: () => {},
        isHandedOver: () => false,
      },
    });
    await engine.join();
    this.#cleanUp.push(
      () => store.close(),
      () => wakeUps.close(),
      () => engine.close(0).catch(() => {}),
    );
    return engine;
  }

  async worker(name: string, settings: WorkerSettings = {}): Promise<FleetWorker> {
    const {
      queues = ["default"],
      slots = 16,
      leaseMs = 1_500,
      at = this.url,
      patienceMs = 200,
      pollMs = 1_000,
    } = settings;
    const store = await openPostgresStore({ url: at, patienceMs });
    const wakeUps = await openPostgresWakeUps({ url: at, pollMs, onTrouble: () => {} });
    const notices: string[] = [];
    const logs: LogLine[] = [];
    const host = settings.host?.(name) ?? new InlineHost(this.#built, { name, slots, artifactsDir: this.folder });
    const worker = new RemoteWorker(
      {
        store,
        wakeUps,
        host,
        clock: systemEngineClock,
        progress: progressByHints(wakeUps, systemEngineClock),
        logs: { write: (line) => logs.push(line), flush() {} },
        codeFile: settings.codeFile ?? (async () => ""),
        unfit: async (version) => settings.unfit?.(version) ?? null,
        notice: (text) => notices.push(text),
      },
      { queues, labels: {}, release: "0.1.0", leaseMs },
    );
    await worker.start();
    this.#cleanUp.push(
      () => store.close(),
      () => wakeUps.close(),
      () => worker.drain(0),
    );
    return { worker, store, wakeUps, notices, logs };
  }

  /** When the scheduler knows of so many workers, and offers to them. */
  async untilAlive(workers: number): Promise<void> {
    for (;;) {
      const all = await this.direct.fleet.listWorkers(100);
      if (all.filter(({ alive }) => alive).length === workers) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async close(): Promise<void> {
    for (const step of this.#cleanUp.toReversed()) await step();
    await this.direct.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
