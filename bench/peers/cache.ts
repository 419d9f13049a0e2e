import { join } from "node:path";

/** What is fetched once and is no npm package. `PEERS_CACHE` lets several clones share it. */
export const CACHE = process.env["PEERS_CACHE"] ?? join(import.meta.dirname, ".cache");
