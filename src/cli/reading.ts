import type { Config } from "../loader/config.ts";
import type { AnyConfig } from "../owner/any-place.ts";
import { openReader } from "../owner/open-store.ts";
import { openView } from "../owner/open-work.ts";
import type { StoreReader } from "../store/reader.ts";
import type { StoreView } from "../store/store-view.ts";

/** Reads the project's store beside whoever works on it. */
export async function reading<T>({ store }: Config, read: (reader: StoreReader) => Promise<T>): Promise<T> {
  const reader = await openReader(store);
  try {
    return await read(reader);
  } finally {
    await reader.close();
  }
}

/** What there is to be shown: of the project's store, or through the server of one. */
export async function viewing<T>(config: AnyConfig, read: (view: StoreView) => Promise<T>): Promise<T> {
  const view = await openView(config);
  try {
    return await read(view);
  } finally {
    await view.close();
  }
}
