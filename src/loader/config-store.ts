import { maskUrl } from "./mask-url.ts";
import { Refused } from "./refused.ts";

/** Where runs and versions are kept: a file with one owner, or a database for any number of processes. */
export type StorePlace =
  | { readonly kind: "sqlite"; readonly path: string }
  | {
      readonly kind: "postgres";
      /** With its password. */
      readonly url: string;
      /** Where wake-ups are listened for; past a transaction-mode pooler, which drops them. */
      readonly directUrl: string;
    };

const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;
const POSTGRES = /^postgres(ql)?:\/\//i;

/** A path, or the address of a PostgreSQL database. */
export function readStore(value: unknown): string {
  if (typeof value !== "string" || value.trim() === "") throw new Refused("must be a text that is not empty");
  return SCHEME.test(value) ? readDirectAddress(value) : value;
}

export function readDirectAddress(value: unknown): string {
  if (typeof value !== "string" || !POSTGRES.test(value))
    throw new Refused(
      `must be the address of a PostgreSQL database, like "postgres://user:password@host:5432/database"`,
    );
  if (!URL.canParse(value))
    throw new Refused("must be an address in which special characters of the password stand as %40 and the like");
  return value;
}

export const isDatabase = (store: string): boolean => SCHEME.test(store);

/** Of a refused store nothing that may be a password is shown. */
export const shownStore = (value: unknown): unknown =>
  typeof value === "string" && value.includes("://") ? maskUrl(value) : value;

export const shownPlace = (store: StorePlace): StorePlace =>
  store.kind === "sqlite" ? store : { ...store, url: maskUrl(store.url), directUrl: maskUrl(store.directUrl) };
