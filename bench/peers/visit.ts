import { fork } from "node:child_process";
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Contestant, Setting } from "./peer.ts";
import type { Servers } from "./servers.ts";
import type { Visit, VisitEnd } from "./visit-child.ts";

const ENTRY = fileURLToPath(new URL("visit-child.ts", import.meta.url));
const GRACE_MS = 5_000;
const LIMIT_MS = 300_000;

/** Gives a system fresh ground, lets it play in a process of its own, and takes all away again. */
export async function visit(
  servers: Servers,
  contestant: Contestant,
  setting: Setting,
  rest: Omit<Visit, "ground">,
): Promise<VisitEnd> {
  const folder = servers.folder();
  const database = contestant.needs.includes("postgres") ? await servers.database() : null;
  const redis = contestant.needs.includes("redis") ? await servers.redis() : null;
  try {
    const ground = { folder, setting, postgresUrl: database?.url ?? "", redisPorts: redis?.ports ?? {} };
    return await inChild({ ...rest, ground });
  } finally {
    await database?.drop();
    await redis?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function inChild(order: Visit): Promise<VisitEnd> {
  const child = fork(ENTRY, { stdio: ["ignore", "ignore", "pipe", "ipc"] });
  let said = "";
  // A client that has lost its server can say so a million times.
  child.stderr!.setEncoding("utf8").on("data", (text: string) => (said = (said + text).slice(-2_000)));
  const { promise, resolve } = Promise.withResolvers<VisitEnd>();
  const limit = setTimeout(() => {
    resolve({ failed: `not done within ${LIMIT_MS / 1_000} s\n${said}` });
    child.kill("SIGTERM");
    setTimeout(() => child.kill("SIGKILL"), GRACE_MS).unref();
  }, LIMIT_MS);
  child.on("message", (end: VisitEnd) => resolve(end));
  child.on("exit", (code, signal) => resolve({ failed: `the process ended: ${signal ?? code}\n${said}` }));
  child.send(order);
  const end = await promise;
  clearTimeout(limit);
  if (child.exitCode === null && child.signalCode === null) await new Promise((resolve) => child.once("exit", resolve));
  return end;
}
