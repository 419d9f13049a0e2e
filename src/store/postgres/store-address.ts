import { TuttiError } from "../../core/errors.ts";

/** @throws TuttiError `STORE_CANNOT_OPEN` when it is no address of a PostgreSQL database. */
export function storeAddress(url: string): URL {
  const address = URL.canParse(url) ? new URL(url) : null;
  if (address !== null && /^postgres(ql)?:$/.test(address.protocol)) return address;
  throw new TuttiError(
    "STORE_CANNOT_OPEN",
    `"${address === null ? "…" : shownAddress(address)}" is not the address of a PostgreSQL database. It looks like "postgres://user:password@host:5432/database".`,
  );
}

/** The name of a store in messages: without the password and whatever else may be secret. */
export const shownAddress = ({ protocol, username, host, pathname }: URL): string =>
  `${protocol}//${username === "" ? "" : `${username}@`}${host}${pathname}`;
