import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Alert } from "../../src/authoring/alert.ts";
import { build } from "../../src/authoring/build.ts";
import { manifestHash } from "../../src/authoring/manifest-hash.ts";
import type { Workflow } from "../../src/authoring/workflow.ts";
import type { ErrorData } from "../../src/core/errors.ts";
import { momentWindow, type Window } from "../../src/core/window.ts";
import { AlertService } from "../../src/engine/alerts/alert-service.ts";
import { Engine } from "../../src/engine/engine.ts";
import type { AlertCall, LogLine } from "../../src/runtime/protocol.ts";
import { openSqliteStore } from "../../src/store/sqlite/open-sqlite-store.ts";
import type { SqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { VersionRecord } from "../../src/store/store.ts";
import { fakeClock, type FakeClock } from "../../src/testing/fake-clock.ts";
import { InlineHost } from "../../src/testing/inline-host.ts";

/** One engine with its outbox, in this process, by a clock that a test turns. */
export class AlertWorld {
  readonly clock: FakeClock;
  readonly store: SqliteStore;
  readonly engine: Engine;
  readonly alerts: AlertService;
  readonly notices: string[] = [];
  /** What the configuration's receiver was told. */
  readonly ops: Alert[] = [];
  opsFails = false;
  readonly #folder = mkdtempSync(join(tmpdir(), "tutti-alerts-"));
  readonly #version: VersionRecord;

  private constructor(
    clock: FakeClock,
    store: SqliteStore,
    host: InlineHost,
    version: VersionRecord,
    config: readonly string[],
  ) {
    this.clock = clock;
    this.store = store;
    this.#version = version;
    const lines: LogLine[] = [];
    const codeFile = async () => "";
    this.alerts = new AlertService({
      store,
      clock,
      tell: (call) => (call.handler.of === "config" ? this.#tellOps(call) : host.tell(call)),
      codeFile,
      config: { receivers: config, code: async () => ({ hash: "config", file: "" }) },
      lines: async (_, id) => lines.filter(({ taskRunId }) => taskRunId === id).map(({ message }) => message),
      publicUrl: "https://tutti.example.com/",
      notice: (text) => this.notices.push(text),
    });
    this.engine = new Engine({
      store,
      host,
      clock,
      codeFile,
      logs: { write: (line) => void lines.push(line), flush() {} },
      onEnded: (runId) => this.alerts.ended(runId),
      onBegun: this.alerts.began,
      onAlerts: this.alerts.look,
    });
  }

  static async open(
    workflow: Workflow<never> | Workflow,
    config: readonly string[] = ["ops"],
    start?: string,
  ): Promise<AlertWorld> {
    const clock = fakeClock(start);
    const store = await openSqliteStore({ path: ":memory:", clock });
    const built = build(workflow);
    const hash = manifestHash(built.manifest);
    const bundle = { hash, code: "", map: null };
    const version = await store.registerVersion({
      hash,
      manifest: built.manifest,
      bundle,
      file: "test",
      outside: {},
      createdAt: clock.now(),
      latest: true,
    });
    const artifactsDir = mkdtempSync(join(tmpdir(), "tutti-alerts-"));
    rmSync(artifactsDir, { recursive: true });
    const host = new InlineHost(built, { artifactsDir, clock, slots: 32 });
    const world = new AlertWorld(clock, store, host, version, config);
    await world.alerts.start();
    return world;
  }

  async start(window?: Window): Promise<string> {
    const at = window ?? momentWindow(this.clock.now());
    return this.#turning(
      this.engine.submit({ version: this.#version, params: undefined, window: at, trigger: "manual" }),
    );
  }

  /** Starts a run and waits for its end; what is due at once is told. */
  async run(): Promise<string> {
    const id = await this.start();
    await this.ended(id);
    await this.#turning(this.engine.settled());
    await this.alerts.settled();
    return id;
  }

  /** Turns the clock a little, again and again, until the run has ended. */
  async ended(id: string): Promise<void> {
    await this.#turning(this.engine.ended(id));
  }

  async later(time: string): Promise<void> {
    await this.clock.advance(time);
    await this.alerts.settled();
  }

  async states(): Promise<string[]> {
    const rows = await this.store.reader().listAlerts({ limit: 100 });
    return rows.map(({ receiver, state, tries }) => `${receiver} ${state} ${tries}`).toReversed();
  }

  async close(): Promise<void> {
    await this.alerts.close(1_000);
    await this.engine.close(0);
    await this.store.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** What an engine waits a millisecond for comes, too. */
  async #turning<T>(awaited: Promise<T>): Promise<T> {
    const going = { on: true };
    const ended = awaited.finally(() => (going.on = false));
    while (going.on) await this.clock.advance(1);
    return ended;
  }

  async #tellOps({ alert }: AlertCall): Promise<ErrorData | null> {
    if (this.opsFails) return { name: "Error", message: "ops is down" };
    this.ops.push({ ...alert, at: new Date(alert.at / 1000) });
    return null;
  }
}
