import { AsyncLocalStorage } from "node:async_hooks";
import type { LoadedVersion } from "./code.ts";

/** Whose functions run outside of tasks: what they ask for is theirs. */
export const currentTrigger = new AsyncLocalStorage<{
  readonly version: LoadedVersion;
  readonly signal: AbortSignal;
}>();
