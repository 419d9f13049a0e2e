import { fileSources } from "./file-source.ts";
import type { LogSource, RunLog } from "./log-source.ts";
import { shippedSources } from "./shipped-source.ts";

/** What workers wrote about a run, by their names: what is on this machine, and what only the store of logs has. */
export async function openSources({ dir, store, runId }: RunLog): Promise<readonly LogSource[]> {
  const here = await fileSources(dir, runId);
  const away = store === null ? [] : await shippedSources(store, runId, new Set(here.map(({ name }) => name)));
  return [...here, ...away].sort((a, b) => (a.name < b.name ? -1 : 1));
}

export const closeSources = async (sources: readonly LogSource[]): Promise<void> => {
  await Promise.all(sources.map((source) => source.close()));
};

export async function withSources<T>(log: RunLog, read: (sources: readonly LogSource[]) => Promise<T>): Promise<T> {
  const sources = await openSources(log);
  try {
    return await read(sources);
  } finally {
    await closeSources(sources);
  }
}
