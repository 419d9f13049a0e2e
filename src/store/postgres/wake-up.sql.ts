import { sql } from "./sql.ts";

/** The one channel of PostgreSQL that ours travel on, as a JSON array of their names. */
export const CHANNEL = "tutti_wake_up";

// A notification takes a transaction of its own to the disk, like a commit, and commits wait behind it. A hint need not get there.
export const notify = (p: { payload: string }) => sql("notify")`
  select set_config('synchronous_commit', 'off', true), pg_notify(${CHANNEL}, ${p.payload})`;

export const listen = () => `listen ${CHANNEL}`;
