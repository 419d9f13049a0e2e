import { fileURLToPath } from "node:url";
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { ChildProcessHost } from "../../src/engine/children/child-process-host.ts";
import { systemEngineClock } from "../../src/engine/engine-clock.ts";
import { LogWriter } from "../../src/engine/logs/log-writer.ts";
import { RemoteWorker } from "../../src/engine/remote-worker.ts";
import { materializeVersion } from "../../src/loader/materialize.ts";
import { openPostgresStore, openPostgresWakeUps } from "../../src/store/postgres/open-postgres-store.ts";
import type { VersionRecord } from "../../src/store/store.ts";

export interface WorkerProcessOptions {
  readonly url: string;
  readonly name: string;
  /** Of the project. */
  readonly root: string;
  /** What this machine keeps for itself. */
  readonly stateDir: string;
  /** Logs and artifacts of all. */
  readonly sharedDir: string;
  readonly children?: number;
  readonly tasksPerChild?: number;
  /** Default: 10,000. */
  readonly leaseMs?: number;
  /** Of the drain after SIGTERM. */
  readonly graceMs?: number;
}

/** A worker-only process on a real store, with children of its own. Answers once it is recorded. */
export async function startWorkerProcess(options: WorkerProcessOptions): Promise<ChildProcess> {
  const child = fork(fileURLToPath(import.meta.url), [JSON.stringify(options)], {
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  const [first] = (await Promise.race([once(child, "message"), once(child, "exit")])) as [unknown];
  if (first !== "ready") throw new Error(`worker process "${options.name}" ended with ${String(first)}`);
  return child;
}

async function work(options: WorkerProcessOptions): Promise<void> {
  const { url, name, root, stateDir, sharedDir, children, tasksPerChild, leaseMs, graceMs = 30_000 } = options;
  const store = await openPostgresStore({ url, prepare: true });
  const wakeUps = await openPostgresWakeUps({ url });
  const logs = new LogWriter({ dir: sharedDir, worker: name });
  const host = new ChildProcessHost({
    name,
    projectDir: root,
    artifactsDir: `${sharedDir}/artifacts`,
    ...(children === undefined ? {} : { children }),
    ...(tasksPerChild === undefined ? {} : { tasksPerChild }),
  });
  const codeFile = async (version: VersionRecord) => {
    const bundle = (await store.getBundle(version.bundleHash))!;
    return materializeVersion({ bundle, manifest: version.manifest }, stateDir, root);
  };
  const worker = new RemoteWorker(
    {
      store,
      wakeUps,
      host,
      clock: systemEngineClock,
      logs: { write: (line) => logs.add(line), flush: () => logs.flush() },
      codeFile,
      unfit: async () => null,
      notice: (text) => process.stderr.write(`${text}\n`),
    },
    { queues: ["default"], labels: {}, release: "0.1.0", ...(leaseMs && { leaseMs }) },
  );
  await worker.start();
  process.once("SIGTERM", () => void worker.drain(graceMs));
  // Of a test or bench that died.
  process.once("disconnect", () => process.exit());
  process.send?.("ready");
  await worker.ended;
  logs.close();
  await Promise.all([wakeUps.close(), store.close()]);
  process.disconnect();
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await work(JSON.parse(process.argv[2]!) as WorkerProcessOptions);
