import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CACHE } from "./cache.ts";
import { freePort } from "./free-port.ts";

const VERSION = "v1.32.0";
const COMMAND = join(CACHE, "temporal-server");

export const hasTemporal = (): boolean => existsSync(COMMAND);
export const temporalVersion = (): string => VERSION.slice(1);

/**
 * Its command line, which has the dev server, can't be installed from there: its go.mod replaces a module. The server itself can, and
 * v1.32.2 wants a newer Go than many have. Compiles it from the Go module proxy: five minutes on two cores,
 * and 4 GB on the way.
 */
export function fetchTemporal(): void {
  if (hasTemporal()) return;
  const [go, cache] = [join(CACHE, "go"), join(CACHE, "go-build")];
  mkdirSync(go, { recursive: true });
  const env = { ...process.env, GOPATH: go, GOBIN: join(go, "bin"), GOCACHE: cache, GOFLAGS: "-modcacherw" };
  const module = `go.temporal.io/server/cmd/server@${VERSION}`;
  const { status } = spawnSync("go", ["install", module], { env, stdio: ["ignore", "inherit", "inherit"] });
  if (status === 0) copyFileSync(join(go, "bin", "server"), COMMAND);
  for (const folder of [go, cache]) rmSync(folder, { recursive: true, force: true });
  if (status !== 0) throw new Error(`"go install ${module}" failed: no row for Temporal.`);
}

/** The server of Temporal in one process over a SQLite file, set up as its dev server is with a database file. */
export class TemporalServer {
  readonly address: string;
  readonly #child: ChildProcess;

  private constructor(address: string, child: ChildProcess) {
    this.address = address;
    this.#child = child;
  }

  static async start(folder: string): Promise<TemporalServer> {
    const ports = await Promise.all(Array.from({ length: 9 }, freePort));
    const dynamic = join(folder, "dynamic.yaml");
    writeFileSync(dynamic, DYNAMIC);
    const file = join(folder, "server.yaml");
    // YAML takes JSON.
    writeFileSync(file, JSON.stringify(configuration(join(folder, "temporal.db"), ports, dynamic)));
    const child = spawn(COMMAND, ["--config-file", file, "--allow-no-auth", "start"], { cwd: folder, stdio: "ignore" });
    process.once("exit", () => child.kill("SIGKILL"));
    return new TemporalServer(`127.0.0.1:${ports[0]}`, child);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#child.once("exit", () => resolve());
    this.#child.kill("SIGKILL");
    await promise;
  }
}

/** What the dev server sets, and a new namespace that is known after a second instead of ten. */
const DYNAMIC = `history.hostLevelCacheMaxSize:
  - value: 8096
system.namespaceCacheRefreshInterval:
  - value: 1s
`;

function configuration(databaseName: string, ports: readonly number[], dynamic: string) {
  const sql = {
    pluginName: "sqlite",
    databaseName,
    connectAddr: "localhost",
    connectProtocol: "tcp",
    connectAttributes: { mode: "rwc", setup: "true", journal_mode: "wal", synchronous: "2" },
    maxConns: 1,
    maxIdleConns: 1,
    maxConnLifetime: "1h",
  };
  const names = ["frontend", "matching", "history", "worker"];
  const rpc = (place: number) => ({
    rpc: { grpcPort: ports[place * 2], membershipPort: ports[place * 2 + 1], bindOnLocalHost: true },
  });
  const address = `127.0.0.1:${ports[0]}`;
  return {
    log: { stdout: true, level: "error" },
    persistence: {
      defaultStore: "default",
      visibilityStore: "visibility",
      numHistoryShards: 1,
      datastores: { default: { sql }, visibility: { sql } },
    },
    global: { membership: { maxJoinDuration: "30s", broadcastAddress: "127.0.0.1" } },
    services: Object.fromEntries(names.map((name, place) => [name, rpc(place)])),
    clusterMetadata: {
      enableGlobalNamespace: false,
      failoverVersionIncrement: 10,
      masterClusterName: "active",
      currentClusterName: "active",
      clusterInformation: {
        active: { enabled: true, initialFailoverVersion: 1, rpcName: "frontend", rpcAddress: address },
      },
    },
    dcRedirectionPolicy: { policy: "noop" },
    publicClient: { hostPort: address },
    dynamicConfigClient: { filepath: dynamic, pollInterval: "60s" },
  };
}
