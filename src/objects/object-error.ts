import { TuttiError } from "../core/errors.ts";

export const objectNotFound = (store: string, key: string, cause?: unknown): TuttiError =>
  new TuttiError("OBJECT_NOT_FOUND", `${JSON.stringify(key)} is not in ${store}.`, { cause });

export const bucketNotFound = (store: string, cause?: unknown): TuttiError =>
  new TuttiError("BUCKET_NOT_FOUND", `${store}: there is no such bucket. Make it, or correct its name in the URL.`, {
    cause,
  });

export const storeDenied = (store: string, what: string, cause: unknown): TuttiError =>
  new TuttiError(
    "OBJECT_STORE_DENIED",
    `${store}: ${what} is not allowed: ${reason(cause)}. Are the keys right, and may they do that?`,
    { cause },
  );

export const storeFailed = (store: string, what: string, cause: unknown): TuttiError =>
  new TuttiError("OBJECT_STORE_FAILED", `${store}: ${what} failed: ${reason(cause)}`, { cause });

function reason(cause: unknown): string {
  const { name, message, code } = cause as { name?: string; message?: string; code?: string };
  return [code ?? name, message].filter((part) => part !== undefined && part !== "").join(": ") || String(cause);
}
