import { refState } from "./ref.ts";
import { refusal } from "./refusal.ts";

/** What a body may return: anything but a promise. */
export type Sync<B> = B & (B extends PromiseLike<unknown> ? never : unknown);

/**
 * Refuses a body that returned a promise: what it would place after an `await` would be lost.
 *
 * @throws TuttiError `ASYNC_BODY`
 */
export function refuseAsync(returned: unknown, what: string): void {
  if (refState(returned) !== undefined || typeof returned !== "object" || returned === null) return;
  const promise = returned as Partial<Promise<unknown>>;
  if (typeof promise.then !== "function") return;
  // It rejects sooner or later, e.g. with a ref that it can't resolve to; that must not end the process.
  promise.then(
    () => undefined,
    () => undefined,
  );
  throw refusal(
    "ASYNC_BODY",
    `The body of ${what} is async. It only places tasks, which takes no waiting: make it a plain function, and do the waiting inside a task.`,
  );
}
