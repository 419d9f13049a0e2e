import type { Config } from "../loader/config.ts";
import type { StoreReader } from "../store/reader.ts";
import { openSqliteReader } from "../store/sqlite/open-sqlite-store.ts";

/** Reads the project's store beside whatever owner it has. */
export async function reading<T>({ storePath }: Config, read: (reader: StoreReader) => Promise<T>): Promise<T> {
  const reader = await openSqliteReader({ path: storePath });
  try {
    return await read(reader);
  } finally {
    await reader.close();
  }
}
