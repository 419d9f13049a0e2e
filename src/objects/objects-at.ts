import { FileObjects } from "./file-objects.ts";
import type { ObjectStore } from "./object-store.ts";
import { parseStoreUrl } from "./store-url.ts";

const stores = new Map<string, Promise<ObjectStore>>();

/**
 * The store at a URL, with what it takes to speak with it loaded when it is first asked for. One for each URL: it holds the connections.
 *
 * @param whose Whose URL it is, as a message begins: `Connection "lake"`.
 * @throws TuttiError `CONNECTION_URL_REFUSED`, `DRIVER_MISSING`.
 */
export function objectsAt(whose: string, url: string): Promise<ObjectStore> {
  let store = stores.get(url);
  if (store === undefined) {
    store = open(whose, url);
    stores.set(url, store);
    store.catch(() => stores.delete(url));
  }
  return store;
}

async function open(whose: string, url: string): Promise<ObjectStore> {
  const parsed = parseStoreUrl(whose, url);
  if (parsed.scheme === "file") return new FileObjects(parsed.bucket);
  if (parsed.scheme === "gs") return await (await import("./gcs-objects.ts")).gcsObjects(parsed);
  if (parsed.scheme === "az") return await (await import("./azure-objects.ts")).azureObjects(parsed);
  return await (await import("./s3-objects.ts")).s3Objects(parsed);
}
