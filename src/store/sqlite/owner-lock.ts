import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import type { Instant } from "../../core/clock.ts";
import { TuttiError } from "../../core/errors.ts";
import { isBusy, storeError } from "./sqlite-error.ts";
import { canonical, makeStoreFile } from "./store-file.ts";

/** Long enough to outlast another process's look at the lock, short enough to be refused at once. */
const PROBE_MS = 25;

/** What an owner says of itself, in a file beside the lock. */
export interface OwnerInfo {
  /** `null`: it has the lock and has not said who it is yet. */
  readonly pid: number | null;
  /** Where it listens; `null`: it does not, or not yet. */
  readonly socket: string | null;
  readonly startedAt: Instant | null;
  /** The command it runs, as the user would type it. */
  readonly command: string | null;
}

/**
 * The right to run the engine of one store file, as a lock of the operating system that dies with the process, also by
 * `kill -9`. Node has no flock; an exclusive transaction on an empty SQLite file is one (tested with real processes).
 */
export class OwnerLock {
  readonly #store: string;
  readonly #db: DatabaseSync;

  /** @internal Made by `tryOwn`. */
  constructor(store: string, db: DatabaseSync) {
    this.#store = store;
    this.#db = db;
  }

  /** Says who owns the store, again when something (the socket) has changed. Whole at any moment, for readers. */
  announce(info: OwnerInfo): void {
    const file = infoFile(this.#store);
    writeFileSync(`${file}.new`, JSON.stringify(info), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }

  /** The next one may own the store. Close the store before. */
  release(): void {
    if (!this.#db.isOpen) return;
    rmSync(infoFile(this.#store), { force: true });
    this.#db.close();
  }
}

/**
 * Takes the owner lock of a store file, without waiting. `null`: another process has it (`whoOwns` says which).
 * @throws TuttiError `STORE_READ_ONLY`, `STORE_FULL`, `STORE_ON_NETWORK`
 */
export function tryOwn(path: string, info: OwnerInfo): OwnerLock | null {
  const store = makeStoreFile(path);
  const db = lockFile(store, path, `pragma busy_timeout = ${PROBE_MS}; begin exclusive`);
  if (db === null) return null;
  const lock = new OwnerLock(store, db);
  try {
    lock.announce(info);
  } catch (cause) {
    lock.release();
    throw storeError(path, cause);
  }
  return lock;
}

/** Takes the lock or says who has it. @throws TuttiError `STORE_LOCKED` */
export function own(path: string, info: OwnerInfo): OwnerLock {
  const lock = tryOwn(path, info);
  if (lock !== null) return lock;
  const owner = whoOwns(path);
  const who = owner === null || owner.pid === null ? "another process" : `process ${owner.pid} (\`${owner.command}\`)`;
  throw new TuttiError("STORE_LOCKED", `Store "${path}" is owned by ${who}. Wait until it ends, or stop it.`);
}

/** Who owns the store now. `null`: nobody. */
export function whoOwns(path: string): OwnerInfo | null {
  const store = canonical(path);
  if (!isLocked(store, path)) return null;
  return readInfo(store) ?? { pid: null, socket: null, startedAt: null, command: null };
}

function isLocked(store: string, path: string): boolean {
  if (!existsSync(lockFileName(store))) return false;
  // Nobody but an owner keeps others from reading, so there is nothing to wait for: a server looks at every page.
  const db = lockFile(store, path, "pragma busy_timeout = 0; select count(*) from sqlite_master");
  db?.close();
  return db === null;
}

/** A connection on which `statements` succeeded; `null`: somebody holds the lock. */
function lockFile(store: string, path: string, statements: string): DatabaseSync | null {
  let db: DatabaseSync | null = null;
  try {
    db = new DatabaseSync(lockFileName(store));
    db.exec(statements);
    return db;
  } catch (cause) {
    db?.close();
    if (isBusy(cause)) return null;
    throw storeError(path, cause);
  }
}

function readInfo(store: string): OwnerInfo | null {
  try {
    return JSON.parse(readFileSync(infoFile(store), "utf8")) as OwnerInfo;
  } catch {
    return null;
  }
}

const lockFileName = (store: string): string => `${store}.owner.lock`;
// Never the lock file itself: a process that opens and closes that one by other means drops its own lock (POSIX).
const infoFile = (store: string): string => `${store}.owner.json`;
