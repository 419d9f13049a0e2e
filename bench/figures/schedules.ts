import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Instant } from "../../src/core/clock.ts";
import { Engine } from "../../src/engine/engine.ts";
import { systemEngineClock } from "../../src/engine/engine-clock.ts";
import { engineStarter, newRunId } from "../../src/engine/firing/engine-starter.ts";
import { Firing } from "../../src/engine/firing/firing.ts";
import { scheduleClock } from "../../src/engine/firing/schedule-clock.ts";
import type { HostListener, WorkerHost } from "../../src/engine/worker-host.ts";
import { loadProject } from "../../src/loader/load.ts";
import { openSqliteStore } from "../../src/store/sqlite/open-sqlite-store.ts";
import { wallClock } from "../../src/store/wall-clock.ts";
import { type Measure, percentile } from "../figure.ts";

const FILES = 100;
const WORKFLOWS = 1_000;
const P50_MS = 50;
const LAST_MS = 200;
/** Until the first of two moments; the first is only for warming up. */
const AHEAD_MS = 1_500;
const BETWEEN_MS = 4_000;
const TASK_MS = 1_000;

/**
 * How late runs are recorded and their first tasks claimed, both durably, when 1,000 schedules are due at once. The workers stand
 * elsewhere, with room for all of them: code that is cold is apart.
 */
export const schedules: Measure<void> = async () => {
  const root = await mkdtemp(join(tmpdir(), "tutti-bench-schedules-"));
  try {
    const late = await lateMs(root);
    const judged = { unit: "ms", bound: "at most", limit: null } as const;
    return [
      { name: "1,000 schedules due at once, p50 late", value: percentile(late, 0.5), budget: P50_MS, ...judged },
      { name: "1,000 schedules due at once, last late", value: Math.max(...late), budget: LAST_MS, ...judged },
    ];
  } finally {
    await rm(root, { recursive: true, force: true });
  }
};

async function lateMs(root: string): Promise<number[]> {
  await writeProject(root);
  const stateDir = join(root, ".tutti");
  const { workflows, errors } = await loadProject({ root, pipelinesDir: join(root, "pipelines"), stateDir });
  for (const error of errors) throw error;
  if (workflows.size !== WORKFLOWS) throw new Error(`${workflows.size} workflows of ${WORKFLOWS}`);
  const store = await openSqliteStore({ path: join(stateDir, "tutti.db") });
  const moments = [AHEAD_MS, AHEAD_MS + BETWEEN_MS].map((ms) => wallClock.now() + ms * 1000);
  const dates = moments.map((moment) => new Date(moment / 1000).toISOString());
  const versions = [...workflows.values()].map(({ version }) => ({
    ...version,
    createdAt: wallClock.now(),
    manifest: {
      ...version.manifest,
      schedules: [{ name: "schedule", kind: "dates", dates, timezone: "UTC" } as const],
    },
  }));
  await store.deploy({ versions, at: wallClock.now() });
  const host = new WideHost();
  const logs = { write() {}, flush() {} };
  const engine = new Engine({ store, host, clock: systemEngineClock, codeFile: async () => "", logs });
  const firing = new Firing({
    store,
    clock: scheduleClock(wallClock),
    starter: engineStarter(engine),
    newId: newRunId,
    notice(text) {
      throw new Error(text);
    },
    onFired() {},
  });
  firing.start();
  await host.claimed(2 * WORKFLOWS);
  await firing.stop();
  await engine.close(0);
  await store.close();
  return host.claims.slice(WORKFLOWS).map((at) => (at - moments[1]!) / 1000);
}

/** Takes every task at once. They take longer than it takes to hand all of them over. */
class WideHost implements WorkerHost {
  readonly name = "wide";
  readonly slots = 2 * WORKFLOWS;
  /** When each task was handed over: its claim is durable then. */
  readonly claims: Instant[] = [];
  #listener: HostListener | null = null;
  #waiting: { readonly count: number; readonly resolve: () => void } | null = null;

  reserve(): () => void {
    return () => {};
  }
  listen(listener: HostListener): void {
    this.#listener = listener;
  }
  start(tasks: Parameters<WorkerHost["start"]>[0]): void {
    const at = wallClock.now();
    for (const { taskRunId, claim } of tasks) {
      this.claims.push(at);
      const outcome = { state: "succeeded", output: null, lists: null, arms: null } as const;
      setTimeout(
        () => this.#listener!.finished({ kind: "finished", taskRunId, claim, startedAt: at, endedAt: at, outcome }),
        TASK_MS,
      );
    }
    if (this.#waiting !== null && this.claims.length >= this.#waiting.count) this.#waiting.resolve();
  }
  claimed(count: number): Promise<void> {
    return new Promise((resolve) => (this.#waiting = { count, resolve }));
  }
  async tell() {
    return null;
  }
  openRun(): void {}
  forgetRun(): void {}
  share(): void {}
  abort(): void {}
  async parseParams(): Promise<never> {
    throw new Error("these workflows take no params");
  }
  async askTrigger(): Promise<never> {
    throw new Error("these workflows have no triggers");
  }
  async close(): Promise<void> {}
}

async function writeProject(root: string): Promise<void> {
  await mkdir(join(root, "pipelines"));
  await Promise.all(
    Array.from({ length: FILES }, (_, file) => writeFile(join(root, `pipelines/feeds-${file}.ts`), pipelineFile(file))),
  );
}

function pipelineFile(file: number): string {
  const each = WORKFLOWS / FILES;
  const workflows = Array.from({ length: each }, (_, place) => file * each + place).map(
    (number) => `export const feed${number} = dag("feed_${number}", { schedule: "@daily" }, () => void load());`,
  );
  return `import { dag, task } from "tutti";\nconst load = task("load", () => {});\n${workflows.join("\n")}\n`;
}
