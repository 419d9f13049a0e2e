import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "../../src/authoring/build.ts";
import { manifestHash } from "../../src/authoring/manifest-hash.ts";
import { systemClock } from "../../src/core/clock.ts";
import { momentWindow } from "../../src/core/window.ts";
import { Engine } from "../../src/engine/engine.ts";
import type { EngineDeps } from "../../src/engine/engine-deps.ts";
import { systemEngineClock } from "../../src/engine/engine-clock.ts";
import { FleetProcess } from "../../src/engine/fleet-process.ts";
import { newWorkerName } from "../../src/engine/worker-name.ts";
import { openPostgresStore, openPostgresWakeUps } from "../../src/store/postgres/open-postgres-store.ts";
import { openSqliteStore } from "../../src/store/sqlite/open-sqlite-store.ts";
import { RELEASE } from "../../src/store/release.ts";
import type { Store } from "../../src/store/store.ts";
import { InlineHost } from "../../src/testing/inline-host.ts";
import { poolName, POOLS, pooled, SLOTS, spans } from "./pooled.ts";

/**
 * One who claims: a scheduler whose tasks run in its own process, on PostgreSQL beside others, or (no address) the owner of a
 * SQLite store. Is told to go on its stdin, says when its runs have ended, and, once stdin has, when what ran.
 */
const [url = "", limited = "", elements = "0", runs = "1", slots = "32"] = process.argv.slice(2);
const folder = await mkdtemp(join(tmpdir(), "tutti-bench-"));
const built = build(pooled(limited === "limited", Number(elements)));
const store: Store =
  url === "" ? await openSqliteStore({ path: join(folder, "tutti.db") }) : await openPostgresStore({ url });
await store.limits.declare(
  Array.from({ length: POOLS }, (_, place) => ({ name: poolName(place), slots: SLOTS })),
  systemClock.now(),
);
const hash = manifestHash(built.manifest);
const version = await store.registerVersion({
  hash,
  manifest: built.manifest,
  bundle: { hash, code: "", map: null },
  file: "bench",
  outside: {},
  createdAt: systemClock.now(),
});

const common = {
  store,
  clock: systemEngineClock,
  host: new InlineHost(built, { name: newWorkerName(), slots: Number(slots), artifactsDir: folder }),
  logs: { write: () => {}, flush: () => {} },
  codeFile: async () => "",
} satisfies EngineDeps;
const { engine, close } = url === "" ? alone() : await oneOfMany();
process.stdout.write("ready\n");
await once(process.stdin, "data");

const ids = await Promise.all(
  Array.from({ length: Number(runs) }, () =>
    engine.submit({ version, params: undefined, window: momentWindow(systemClock.now()), trigger: "manual" }),
  ),
);
const states = await Promise.all(ids.map((id) => engine.ended(id)));
if (states.some((state) => state !== "succeeded")) throw new Error(`a run ended ${states.join(", ")}`);
process.stdout.write("done\n");
// Until all have: what runs here may be of another's run.
await once(process.stdin, "end");
process.stdout.write(JSON.stringify(spans));
await close();
await rm(folder, { recursive: true, force: true });

function alone() {
  const engine = new Engine(common);
  return { engine, close: () => engine.close(0).then(() => store.close()) };
}

async function oneOfMany() {
  const wakeUps = await openPostgresWakeUps({ url });
  const member = new FleetProcess(
    { ...common, wakeUps, unfit: async () => null, notice: (said) => void console.error(said) },
    { roles: ["scheduler", "worker"], queues: ["default"], labels: {}, release: RELEASE },
  );
  await member.start();
  const close = async (): Promise<void> => {
    await member.close(0);
    await wakeUps.close();
    await store.close();
  };
  return { engine: member.engine!, close };
}
