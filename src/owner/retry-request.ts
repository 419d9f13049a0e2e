import type { RetryRequest } from "../engine/run-request.ts";
import type { Store } from "../store/store.ts";
import type { RetryOptions } from "./run-session.ts";

/** As the engine is asked: code that the user brings is registered, and is not the latest because of that. */
export async function retryRequest(
  store: Pick<Store, "registerVersion">,
  { fresh = false, version, generation }: RetryOptions,
): Promise<RetryRequest> {
  const asked = { fresh, ...(generation !== undefined && { generation }) };
  if (version === undefined || version === "latest") return { ...asked, ...(version && { version }) };
  return { ...asked, version: await store.registerVersion(version) };
}
