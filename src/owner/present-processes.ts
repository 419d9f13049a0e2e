import type { ProcessView } from "../store/store-view.ts";
import { whoOwns } from "../store/sqlite/owner-lock.ts";
import type { AnyPlace } from "./any-place.ts";

const MANY = 10_000;

/** Who works on a store, and who did until not long ago. The lock of a SQLite store knows better than its rows whether somebody does. */
export async function presentProcesses<Process extends ProcessView>(
  place: AnyPlace,
  reader: { listProcesses(limit: number): Promise<readonly Process[]> },
): Promise<readonly Process[]> {
  const processes = await reader.listProcesses(MANY);
  if (place.kind !== "sqlite") return processes;
  const owner = whoOwns(place.path);
  return processes.map((process) => ({ ...process, alive: process.alive && process.pid === owner?.pid }));
}
