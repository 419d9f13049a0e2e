import { execFileSync, type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { CACHE } from "./cache.ts";
import { freePort } from "./free-port.ts";

/** What redis-server of Debian needs beyond what every Debian has. */
const PACKAGES = ["redis-server", "redis-tools", "libjemalloc2", "liblzf1", "libatomic1"] as const;
const UNPACKED = join(CACHE, "redis");

export class RedisServer {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(port: number, child: ChildProcess) {
    this.port = port;
    this.#child = child;
  }

  /** @param policy when the append-only file is brought to disk */
  static async start(policy: string, folder: string): Promise<RedisServer> {
    const port = await freePort();
    mkdirSync(folder);
    const settings = [
      "--bind",
      "127.0.0.1",
      "--port",
      `${port}`,
      "--dir",
      folder,
      "--save",
      "",
      "--maxmemory-policy",
      "noeviction",
    ];
    const { command, env } = redisCommand();
    const child = spawn(command, [...settings, "--appendonly", "yes", "--appendfsync", policy], {
      stdio: "ignore",
      env,
    });
    process.once("exit", () => child.kill("SIGKILL"));
    await answers(port, child);
    return new RedisServer(port, child);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#child.once("exit", () => resolve());
    this.#child.kill("SIGTERM");
    await promise;
  }
}

export const redisVersion = (): string =>
  /v=(\S+)/.exec(
    execFileSync(redisCommand().command, ["--version"], { encoding: "utf8", env: redisCommand().env }),
  )![1]!;

/** Of the system if it has one, else unpacked from Debian's packages into the cache: nothing is installed, nothing is started. */
export function fetchRedis(): void {
  if (inPath() || unpackedCommand() !== null) return;
  const part = `${UNPACKED}.${process.pid}`;
  mkdirSync(part, { recursive: true });
  const download = () => spawnSync("apt-get", ["download", ...PACKAGES], { cwd: part, stdio: "ignore" }).status === 0;
  if (!download()) {
    // A machine that has never asked knows no packages; asking takes root.
    spawnSync("apt-get", ["update"], { stdio: "ignore" });
    if (!download()) {
      rmSync(part, { recursive: true });
      throw new Error(
        "Redis is missing: no redis-server in PATH, and apt-get cannot download it. Install redis-server.",
      );
    }
  }
  for (const file of globSync("*.deb", { cwd: part })) execFileSync("dpkg", ["-x", join(part, file), part]);
  if (existsSync(UNPACKED)) rmSync(UNPACKED, { recursive: true });
  renameSync(part, UNPACKED);
}

function redisCommand(): { readonly command: string; readonly env: NodeJS.ProcessEnv } {
  if (inPath()) return { command: "redis-server", env: process.env };
  const command = unpackedCommand();
  if (command === null) throw new Error("Redis has not been fetched.");
  const libraries = globSync("usr/lib/*/", { cwd: UNPACKED }).map((folder) => join(UNPACKED, folder));
  return { command, env: { ...process.env, LD_LIBRARY_PATH: libraries.join(":") } };
}

const inPath = (): boolean => spawnSync("redis-server", ["--version"], { stdio: "ignore" }).status === 0;

function unpackedCommand(): string | null {
  const command = join(UNPACKED, "usr/bin/redis-server");
  return existsSync(command) ? command : null;
}

async function answers(port: number, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (child.exitCode !== null) throw new Error(`Redis ended with code ${child.exitCode}.`);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const socket = connect(port, "127.0.0.1", () => resolve(true)).on("error", () => resolve(false));
    const connected = await promise;
    socket.destroy();
    if (connected) return;
    await pause(50);
  }
  throw new Error("Redis does not answer within ten seconds.");
}
