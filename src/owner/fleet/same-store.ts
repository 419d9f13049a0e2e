import { TuttiError } from "../../core/errors.ts";
import type { StorePlace } from "../../loader/config-store.ts";
import { openReader } from "../open-store.ts";

/** Wake-ups must be listened for at the store that is written to. @throws TuttiError `STORE_REPLACED` */
export async function sameStore({ url, directUrl }: StorePlace & { kind: "postgres" }, store: string): Promise<void> {
  if (directUrl === url) return;
  const reader = await openReader({ kind: "postgres", url: directUrl, directUrl });
  try {
    if ((await reader.identity()) === store) return;
  } finally {
    await reader.close();
  }
  throw new TuttiError(
    "STORE_REPLACED",
    `"storeDirect" leads to another store than "store": this process would never hear of the others. Give both the same database.`,
  );
}
