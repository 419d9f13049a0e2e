import type { Config } from "../../loader/config.ts";
import { openReader } from "../open-store.ts";
import { examineFolders, type SharedBy } from "./examine-folders.ts";
import { examinePostgres } from "./examine-postgres.ts";
import { examineProcesses } from "./examine-processes.ts";
import { examineSqlite } from "./examine-sqlite.ts";
import type { Finding } from "./finding.ts";

const MANY = 10_000;

/** Everything that a project needs to work on its store, looked at once. Nothing is changed. */
export async function examine(config: Config): Promise<readonly Finding[]> {
  const { store } = config;
  if (store.kind === "sqlite") return [...(await examineSqlite(store)), ...(await examineFolders(config, null))];
  const findings = await examinePostgres(store);
  const shared = findings.some(({ state }) => state === "problem") ? null : await sharedBy(config);
  return [
    ...findings,
    ...(shared === null ? [] : examineProcesses(shared, process.versions.tz ?? "unknown")),
    ...(await examineFolders(config, shared)),
  ];
}

async function sharedBy({ store }: Config): Promise<SharedBy> {
  const reader = await openReader(store);
  try {
    return {
      store: await reader.identity(),
      processes: await reader.listProcesses(MANY),
      queues: await reader.listQueues(),
    };
  } finally {
    await reader.close();
  }
}
