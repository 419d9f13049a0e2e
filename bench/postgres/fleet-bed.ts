import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ChildProcessHost } from "../../src/engine/children/child-process-host.ts";
import { systemEngineClock } from "../../src/engine/engine-clock.ts";
import { FleetProcess } from "../../src/engine/fleet-process.ts";
import { newWorkerName } from "../../src/engine/worker-name.ts";
import { ThrottledWakeUps } from "../../src/owner/fleet/throttled-wake-ups.ts";
import { openPostgresStore, openPostgresWakeUps } from "../../src/store/postgres/open-postgres-store.ts";
import type { ProcessRole } from "../../src/store/process-list.ts";
import { RELEASE } from "../../src/store/release.ts";
import type { Store } from "../../src/store/store.ts";
import { Bed, type BedOptions } from "../bed.ts";
import { BenchCode, ROOT } from "../bench-code.ts";
import { fillHistory } from "../history.ts";

export interface FleetMember {
  readonly process: FleetProcess;
  readonly store: Store;
  readonly code: BenchCode;
  readonly close: () => Promise<void>;
}

/** A process of a fleet, as it ships, over a database that has been brought up to date. It has not joined yet. */
export async function fleetMember(url: string, roles: readonly ProcessRole[]): Promise<FleetMember> {
  const folder = await mkdtemp(join(tmpdir(), "tutti-bench-"));
  const store = await openPostgresStore({ url });
  const wakeUps = new ThrottledWakeUps(await openPostgresWakeUps({ url }));
  const code = await BenchCode.load(store, folder);
  const process = new FleetProcess(
    {
      store,
      wakeUps,
      host: new ChildProcessHost({ name: newWorkerName(), projectDir: ROOT, artifactsDir: join(folder, "artifacts") }),
      clock: systemEngineClock,
      logs: { write: () => {}, flush: () => {} },
      codeFile: code.file,
      unfit: async () => null,
      notice: (text) => void console.error(text),
    },
    { roles, queues: ["default"], labels: {}, release: RELEASE },
  );
  const close = async (): Promise<void> => {
    await process.close(0);
    await wakeUps.close();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { process, store, code, close };
}

/** One that is scheduler and worker. */
export async function openFleetBed(url: string, { history = 0, warmUpRuns = 1_000 }: BedOptions = {}): Promise<Bed> {
  const { process, store, code, close } = await fleetMember(url, ["scheduler", "worker"]);
  if (history > 0) await fillHistory(store, code.version("ten"), history);
  await process.start();
  const bed = new Bed({ store, engine: process.engine!, code, close });
  await bed.run("ten", warmUpRuns);
  return bed;
}
