import { sql } from "./sql.ts";

/** The one channel of PostgreSQL that ours travel on, as a JSON array of their names. */
export const CHANNEL = "tutti_wake_up";

export const notify = (p: { payload: string }) => sql("notify")`select pg_notify(${CHANNEL}, ${p.payload})`;

export const listen = () => `listen ${CHANNEL}`;
