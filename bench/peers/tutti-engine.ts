import { join, resolve } from "node:path";
import { systemClock } from "../../src/core/clock.ts";
import { decodeValue } from "../../src/core/value-codec.ts";
import { momentWindow } from "../../src/core/window.ts";
import { ChildProcessHost } from "../../src/engine/children/child-process-host.ts";
import type { MembershipOptions } from "../../src/engine/membership.ts";
import { Engine } from "../../src/engine/engine.ts";
import { systemEngineClock } from "../../src/engine/engine-clock.ts";
import { loadFile } from "../../src/loader/load.ts";
import { materializeVersion } from "../../src/loader/materialize.ts";
import type { Store, VersionRecord } from "../../src/store/store.ts";
import type { WakeUps } from "../../src/store/wake-ups.ts";
import type { Ground, Peer } from "./peer.ts";

const NAME = "peers";
const ROOT = resolve(import.meta.dirname, "../..");

/** Tutti as it ships, in this process, over a given store, which others may share: tasks in child processes, every setting left alone. */
export async function tuttiOver(store: Store, { folder }: Ground, wakeUps: WakeUps | null = null): Promise<Peer> {
  const file = join(import.meta.dirname, "pipelines/peers.ts");
  const loaded = await loadFile(file, { root: ROOT, stateDir: folder });
  for (const error of loaded.errors) throw error;
  const versions = new Map<string, VersionRecord>();
  const files = new Map<string, string>();
  for (const { name, version } of loaded.workflows) {
    versions.set(name, await store.registerVersion(version));
    files.set(name, await materializeVersion(version, folder, ROOT));
  }
  const host = new ChildProcessHost({ name: NAME, projectDir: ROOT, artifactsDir: join(folder, "artifacts") });
  const engine = new Engine({
    store,
    host,
    clock: systemEngineClock,
    codeFile: async (version) => files.get(version.workflow) as string,
    logs: { write: () => {}, flush: () => {} },
    ...(wakeUps && { membership: oneOfSeveral(wakeUps, host.slots) }),
  });
  await engine.join();
  const submit = (workflow: string): Promise<string> => {
    const version = versions.get(workflow);
    if (!version) throw new Error(`"${file}" has no workflow "${workflow}".`);
    return engine.submit({ version, window: momentWindow(systemClock.now()), trigger: "manual" });
  };
  const run = async (workflow: string, count = 1): Promise<number> => {
    const start = performance.now();
    const ids = await Promise.all(Array.from({ length: count }, () => submit(workflow)));
    const ends = await Promise.all(ids.map((id) => engine.ended(id)));
    const ms = performance.now() - start;
    const other = ends.find((state) => state !== "succeeded");
    if (other) throw new Error(`A run of "${workflow}" ended as "${other}".`);
    return ms;
  };
  return {
    chain: (length) => run(`chain_${length}`),
    fanOut: (width) => run(`fan_${width}`),
    runs: (count, length) => run(`chain_${length}`, count),
    idle: async () => {
      const start = Number(process.hrtime.bigint()) / 1e6;
      const id = await submit("trigger");
      await engine.ended(id);
      const taskRun = (await store.loadRun(id))?.taskRuns[0];
      const output = taskRun && (await store.readOutputs([taskRun.id])).get(taskRun.id)?.value;
      if (output?.kind !== "inline") throw new Error("The moment is no inline value.");
      return (decodeValue(output.text) as number) - start;
    },
    teardown: async () => {
      await engine.close(0);
      await wakeUps?.close();
      await store.close();
    },
  };
}

/** What a process says of itself that is scheduler and worker. */
const oneOfSeveral = (wakeUps: WakeUps, slots: number): MembershipOptions => ({
  wakeUps,
  name: NAME,
  worker: { name: NAME, queues: [], slots, labels: {}, release: "0" },
  queues: ["default"],
  handOver: () => {},
  isHandedOver: () => false,
});
