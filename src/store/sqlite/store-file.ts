import { existsSync, mkdirSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { TuttiError } from "../../core/errors.ts";
import { refuseNetworkFileSystem } from "./network-file-system.ts";
import { storeError } from "./sqlite-error.ts";

export const IN_MEMORY = ":memory:";

/** The one name of a store file, whatever links lead to it: locks and sockets are named after it. Its folder is made when missing. */
export function makeStoreFile(path: string): string {
  if (path === IN_MEMORY) return path;
  try {
    mkdirSync(dirname(resolve(path)), { recursive: true });
  } catch (cause) {
    throw storeError(path, cause);
  }
  const file = canonical(path);
  refuseNetworkFileSystem(dirname(file), path);
  return file;
}

/** @throws TuttiError `STORE_NOT_FOUND` */
export function findStoreFile(path: string): string {
  if (!existsSync(path) || statSync(path).size === 0) {
    throw new TuttiError(
      "STORE_NOT_FOUND",
      `There is no store at "${path}". Has anything run in this project yet? \`tutti run <workflow>\` makes one.`,
    );
  }
  const file = canonical(path);
  refuseNetworkFileSystem(dirname(file), path);
  return file;
}

export function canonical(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  const folder = dirname(resolve(path));
  return join(existsSync(folder) ? realpathSync(folder) : folder, basename(path));
}
