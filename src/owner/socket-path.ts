import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** The system's limit is 104 bytes on macOS and 108 on Linux. */
const MAX_BYTES = 100;

/** Where the owner of a store listens: beside the store; in the temp folder under a hash when that path is too long for a socket. */
export function socketPath(storePath: string, platform: NodeJS.Platform = process.platform): string {
  const beside = `${resolve(storePath)}.sock`;
  const name = `tutti-${createHash("sha256").update(beside).digest("hex").slice(0, 24)}`;
  if (platform === "win32") return `\\\\.\\pipe\\${name}`;
  return Buffer.byteLength(beside) <= MAX_BYTES ? beside : join(tmpdir(), `${name}.sock`);
}
