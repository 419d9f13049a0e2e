import type { Config } from "../loader/config.ts";
import type { AnyConfig } from "../owner/any-place.ts";
import { openReader } from "../owner/open-store.ts";
import { openView, reopenView } from "../owner/open-work.ts";
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
export const viewing = async <T>(config: AnyConfig, read: (view: StoreView) => Promise<T>): Promise<T> =>
  shown(await openView(config), read);

/** As `viewing`, of what has come to its end here: that its store is away just now is no reason to say that it failed. */
export const viewingAgain = async <T>(config: AnyConfig, read: (view: StoreView) => Promise<T>): Promise<T> =>
  shown(await reopenView(config), read);

async function shown<T>(view: StoreView, read: (view: StoreView) => Promise<T>): Promise<T> {
  try {
    return await read(view);
  } finally {
    await view.close();
  }
}
