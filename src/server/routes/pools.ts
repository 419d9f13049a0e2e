import { poolContracts } from "../../api/pool-contracts.ts";
import { TuttiError } from "../../core/errors.ts";
import { poolLimit } from "../../core/limit.ts";
import { momentText } from "../../core/moment-text.ts";
import { auditEntry } from "../../owner/audited-session.ts";
import type { PoolRecord } from "../../store/limits.ts";
import type { Caller } from "../caller.ts";
import { forbidden } from "../failure.ts";
import { on } from "../handler.ts";
import { PageCursor, sliced } from "../page-cursor.ts";
import type { ServerContext } from "../server-context.ts";

const HOLDERS = 20;

export const poolRoutes = [
  on(poolContracts.list, async ({ query, caller }, server) => {
    const page = sliced(await server.reader.limits.pools(), query, new PageCursor("pools", query));
    return { ...page, items: await Promise.all(page.items.map((pool) => poolDocument(pool, caller, server))) };
  }),

  on(poolContracts.resize, async ({ params, body, caller }, server) => {
    // A pool is everybody's.
    if (caller.tags !== null)
      throw forbidden(`A pool may be of any workflow, and you are limited to those with ${caller.tags.join(", ")}.`);
    const { pool: name } = params;
    const { slots } = body;
    const session = await server.session();
    const before = await session.resizePool({ name, slots, by: caller.actor, at: server.clock.now() });
    const after = (await server.reader.limits.pools()).find((pool) => pool.name === name);
    if (before === null || after === undefined) throw new TuttiError("POOL_UNKNOWN", `There is no pool "${name}".`);
    await session.administer(
      { kind: "record" },
      auditEntry(caller.actor, "pool.resize", name, { slots: before.slots }, { slots }),
    );
    return poolDocument(after, caller, server);
  }),
];

/** Whoever sees only some workflows sees how much the others take, and not who they are. */
async function poolDocument(pool: PoolRecord, caller: Caller, { reader, catalog }: ServerContext) {
  const visible = await catalog.visible(caller);
  const holders = (await reader.limits.holders(poolLimit(pool.name), HOLDERS)).filter(
    ({ workflow }) => visible === null || visible.has(workflow),
  );
  return {
    ...pool,
    changedAt: momentText(pool.changedAt),
    holders: holders.map((holder) => ({ ...holder, since: momentText(holder.since) })),
  };
}
