import type { TuttiClient } from "../../client/tutti-client.ts";
import { poolLimit } from "../../core/limit.ts";
import type { LimitHolder, LimitReader, PoolChange, PoolRecord } from "../../store/limits.ts";
import { allPages } from "./all-pages.ts";
import { instant } from "./from-documents.ts";

/** Pools as a server shows them: their holders come with them. */
export class ServerPools implements Pick<LimitReader, "pools" | "holders"> {
  readonly #client: TuttiClient;
  #holders: ReadonlyMap<string, readonly LimitHolder[]> = new Map();

  constructor(client: TuttiClient) {
    this.#client = client;
  }

  async pools(): Promise<readonly PoolRecord[]> {
    const found = await allPages(Infinity, (query) => this.#client.get("/api/pools", { query }));
    this.#holders = new Map(
      found.map(({ name, holders }) => [
        poolLimit(name),
        holders.map((holder) => ({ ...holder, since: instant(holder.since) })),
      ]),
    );
    return found.map(({ holders: _holders, changedAt, ...pool }) => ({ ...pool, changedAt: instant(changedAt) }));
  }

  /** Of the pools that were asked for last. */
  async holders(name: string, limit: number): Promise<readonly LimitHolder[]> {
    return (this.#holders.get(name) ?? []).slice(0, limit);
  }

  /** Who does it is whoever the token is of. */
  async resize({ name, slots }: PoolChange): Promise<PoolRecord | null> {
    const before = (await this.pools()).find((pool) => pool.name === name) ?? null;
    if (before !== null) await this.#client.patch("/api/pools/{pool}", { params: { pool: name }, body: { slots } });
    return before;
  }
}
