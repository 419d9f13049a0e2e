import { randomUUID } from "node:crypto";
import { mkdir, rm, stat, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import type { Config } from "../../loader/config.ts";
import { isStoreUrl } from "../../objects/store-url.ts";
import type { ProcessRecord } from "../../store/process-list.ts";
import { notWritable, ofAnotherStore, presentIn, storeOfFolder } from "../shared-folder.ts";
import { type Finding, fine, problem, warning } from "./finding.ts";

/** What the processes of a database say about its folders. */
export interface SharedBy {
  readonly store: string;
  readonly processes: readonly ProcessRecord[];
  /** That deployed tasks name. */
  readonly queues: readonly (string | null)[];
}

/** Looks at the folders that this process needs; on a database also whether all processes see the same ones. */
export async function examineFolders(config: Config, shared: SharedBy | null): Promise<readonly Finding[]> {
  // A store of objects is no folder, and the same for all.
  const shareable = [...new Set([config.artifactsDir, config.logsDir])].filter((place) => !isStoreUrl(place));
  const folders = [...new Set([config.stateDir, ...shareable])];
  const findings = (await Promise.all(folders.map(usable))).flat();
  if (shared !== null) for (const folder of shareable) findings.push(...(await sharing(folder, shared)));
  return findings.length > 0 ? findings : [fine("folders", `Every folder can be written: ${folders.join(", ")}`)];
}

async function usable(folder: string): Promise<readonly Finding[]> {
  const file = join(folder, `.tutti-${randomUUID()}`);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(file, "");
    await rm(file);
  } catch (cause) {
    const { code, message } = notWritable(folder, cause);
    return [problem("folders", code, message)];
  }
  const { mode } = await stat(folder);
  if (process.platform === "win32" || (mode & 0o002) === 0) return [];
  return [
    warning(
      "folders",
      "FOLDER_OPEN",
      `Everybody on this machine may write to folder "${folder}", and code runs from such folders. Take the right away: chmod o-w "${folder}"`,
    ),
  ];
}

async function sharing(folder: string, { store, processes }: SharedBy): Promise<readonly Finding[]> {
  const owner = await storeOfFolder(folder);
  if (owner !== null && owner !== store) {
    const { code, message } = ofAnotherStore(folder);
    return [problem("folders", code, message)];
  }
  const present = await presentIn(folder);
  const elsewhere = processes.filter(({ alive, name }) => alive && !present.has(name));
  if (elsewhere.length === 0) return [];
  const shown = elsewhere.slice(0, 3).map(({ name, host }) => `"${name}" on ${host}`);
  return [
    problem(
      "folders",
      "FOLDER_NOT_SHARED",
      `Folder "${folder}" of ${hostname()} is not the one of ${shown.join(", ")}${elsewhere.length > 3 ? ` and ${elsewhere.length - 3} more` : ""}: what they write is not seen here. Put it where all can reach it ("artifacts", "logs" in the configuration).`,
    ),
  ];
}
