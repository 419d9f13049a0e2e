import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { TuttiError } from "../core/errors.ts";

const STORE_FILE = ".tutti-store";
const PRESENT = ".tutti-processes";
/** A process touches its file more often. */
const FORGOTTEN_AFTER_MS = 86_400_000;
/** For a name that another process is about to write: how often it is looked for, and how long in between. */
const LOOKS = 100;
const LOOK_MS = 20;

/**
 * A folder that all processes of one PostgreSQL store share: of artifacts, or of logs. It belongs to that store alone, because its
 * retention removes what it does not know; and each process leaves its name there, so that one which sees another folder under
 * the same path is found.
 */
export class SharedFolder {
  readonly #folder: string;
  readonly #process: string;

  private constructor(folder: string, process: string) {
    this.#folder = folder;
    this.#process = process;
  }

  /** @throws TuttiError `FOLDER_OF_ANOTHER_STORE`, `FOLDER_NOT_WRITABLE` */
  static async enter(folder: string, store: string, process: string): Promise<SharedFolder> {
    const shared = new SharedFolder(folder, process);
    try {
      await mkdir(join(folder, PRESENT), { recursive: true });
      await checkStore(folder, store);
      await writeFile(shared.#file, "");
    } catch (cause) {
      throw cause instanceof TuttiError ? cause : notWritable(folder, cause);
    }
    await removeForgotten(join(folder, PRESENT));
    return shared;
  }

  /** Still here. */
  async touch(): Promise<void> {
    const now = new Date();
    await utimes(this.#file, now, now).catch(() => {});
  }

  async leave(): Promise<void> {
    await rm(this.#file, { force: true }).catch(() => {});
  }

  get #file(): string {
    return join(this.#folder, PRESENT, encodeURIComponent(this.#process));
  }
}

/** Names of processes that see this folder, and of some that died. */
export const presentIn = async (folder: string): Promise<ReadonlySet<string>> =>
  new Set((await readdir(join(folder, PRESENT)).catch(() => [])).map(decodeURIComponent));

/** The store whose folder it is; `null`: nobody's yet. */
export const storeOfFolder = async (folder: string): Promise<string | null> =>
  (await readFile(join(folder, STORE_FILE), "utf8").catch(() => null))?.trim() ?? null;

/** @throws TuttiError `FOLDER_OF_ANOTHER_STORE` */
async function checkStore(folder: string, store: string): Promise<void> {
  const file = join(folder, STORE_FILE);
  // Of two that come first at once, one writes.
  await writeFile(file, `${store}\n`, { flag: "wx" }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
  let owner = await storeOfFolder(folder);
  // The other one has made the file, and is about to write into it, or has died between the two.
  for (let looks = 0; owner === "" && looks < LOOKS; looks++) {
    await sleep(LOOK_MS);
    owner = await storeOfFolder(folder);
  }
  if (owner === "") {
    await writeFile(file, `${store}\n`);
    owner = await storeOfFolder(folder);
  }
  if (owner !== store) throw ofAnotherStore(folder);
}

export const ofAnotherStore = (folder: string): TuttiError =>
  new TuttiError(
    "FOLDER_OF_ANOTHER_STORE",
    `Folder "${folder}" belongs to another store, whose retention would remove what this one keeps there. Give each store folders of its own; if the other one is gone, remove "${STORE_FILE}" from it.`,
  );

export const notWritable = (folder: string, cause: unknown): TuttiError =>
  new TuttiError(
    "FOLDER_NOT_WRITABLE",
    `Folder "${folder}" can't be written: ${(cause as Error).message}. Give this user the right to, or choose another one.`,
    { cause },
  );

async function removeForgotten(folder: string): Promise<void> {
  const before = Date.now() - FORGOTTEN_AFTER_MS;
  for (const name of await readdir(folder).catch(() => [])) {
    const file = join(folder, name);
    const found = await stat(file).catch(() => null);
    if (found !== null && found.mtimeMs < before) await rm(file, { force: true }).catch(() => {});
  }
}
