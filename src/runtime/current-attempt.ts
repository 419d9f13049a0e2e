import { AsyncLocalStorage } from "node:async_hooks";
import type { Attempt } from "./attempt.ts";

/** Whose code runs: what is printed, thrown or asked for anywhere below a task's body is that task's. */
export const currentAttempt = new AsyncLocalStorage<Attempt>();
