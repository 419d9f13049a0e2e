import { systemClock } from "../../core/clock.ts";
import { TuttiError } from "../../core/errors.ts";
import { poolLimit } from "../../core/limit.ts";
import { MOST_SLOTS } from "../../loader/config-fields.ts";
import type { AnyConfig } from "../../owner/any-place.ts";
import { openWork } from "../../owner/open-work.ts";
import type { LimitHolder, PoolRecord } from "../../store/limits.ts";
import { asUser } from "../as-user.ts";
import { type CommandContext, defineCommand, JSON_ARG } from "../command.ts";
import { configOf } from "../config-of.ts";
import { STATUS } from "../exit-status.ts";
import { printTable } from "../output/table.ts";
import { isoText, timeText } from "../output/time-text.ts";
import { viewing } from "../reading.ts";
import { UsageError } from "../usage-error.ts";

interface ShownPool extends PoolRecord {
  readonly holders: readonly LimitHolder[];
}

const HOLDERS = 20;

export const pools = defineCommand({
  name: "pools",
  description: "List the pools with who holds their slots, or give one another size while everything runs",
  args: {
    action: { type: "positional", description: "set: give a pool another size", required: false, valueHint: "set" },
    name: { type: "positional", description: "Of set: the pool", required: false },
    slots: { type: "positional", description: "Of set: how many slots it has from now on", required: false },
    json: JSON_ARG,
  },
  examples: [
    ["tutti pools", "how many slots each has, and which tasks hold them"],
    ["tutti pools set orders_db 8", "until the configuration says another number than it does now"],
  ],
  async run(args, context) {
    const config = await configOf(context);
    if (args.action === undefined) return list(config, args.json === true, context);
    if (args.action !== "set" || args.name === undefined || args.slots === undefined)
      throw new UsageError("Write: tutti pools, or tutti pools set <name> <slots>.");
    return resize(config, args.name, sizeOf(args.name, args.slots), args.json === true, context);
  },
});

function sizeOf(name: string, text: string): number {
  const slots = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (slots >= 1 && slots <= MOST_SLOTS) return slots;
  throw new TuttiError(
    "POOL_SIZE",
    `"${text}" is no size for pool "${name}": give a whole number of slots from 1 to ${MOST_SLOTS.toLocaleString("en")}. To let nothing start, pause the workflows: tutti pause <workflow>`,
  );
}

async function list(config: AnyConfig, json: boolean, { out }: CommandContext): Promise<number> {
  const found = await shownPools(config);
  if (json)
    out.json(
      found.map(({ changedAt, holders, ...pool }) => ({
        ...pool,
        changedAt: isoText(changedAt),
        holders: holders.map(({ since, ...holder }) => ({ ...holder, since: isoText(since) })),
      })),
    );
  else if (found.length === 0) out.line("There is no pool. Declare them in tutti.config.ts: pools: { orders_db: 4 }");
  else
    printTable(out, found, [
      { head: "pool", cell: ({ name }) => out.style("bold", name) },
      { head: "used", cell: ({ used, slots }) => `${used} of ${slots}`, align: "right" },
      { head: "declared", cell: ({ declared }) => (declared === null ? "no more" : String(declared)), align: "right" },
      {
        head: "changed",
        cell: ({ changedAt, changedBy }) => (changedBy === null ? "" : `${timeText(changedAt)} by ${changedBy}`),
      },
      { head: "held by", cell: ({ holders }) => holdersText(holders) },
    ]);
  return STATUS.succeeded;
}

const SHOWN = 3;

function holdersText(holders: readonly LimitHolder[]): string {
  const names = holders
    .slice(0, SHOWN)
    .map(({ runId, task, mapIndex }) => `${task}${mapIndex === null ? "" : `[${mapIndex}]`} of ${runId.slice(0, 8)}`);
  const more = holders.length > SHOWN ? [holders.length === HOLDERS ? "…" : `${holders.length - SHOWN} more`] : [];
  return [...names, ...more].join(", ");
}

/** Where nothing has run in the project yet, what is declared is what there is. */
async function shownPools(config: AnyConfig): Promise<readonly ShownPool[]> {
  return viewing(config, async ({ limits }) => {
    const records = await limits.pools();
    return Promise.all(
      records.map(async (pool) => ({ ...pool, holders: await limits.holders(poolLimit(pool.name), HOLDERS) })),
    );
  }).catch((error: { code?: string }) => {
    if (error.code !== "STORE_NOT_FOUND" || config.store.kind !== "sqlite") throw error;
    return Object.entries(config.pools).map(([name, slots]) => ({
      name,
      slots,
      used: 0,
      declared: slots,
      changedAt: systemClock.now(),
      changedBy: null,
      holders: [],
    }));
  });
}

async function resize(
  config: AnyConfig,
  name: string,
  slots: number,
  json: boolean,
  { typed, out }: CommandContext,
): Promise<number> {
  const user = asUser(typed, out);
  const session = await openWork({ ...user, config, serves: false });
  let before: PoolRecord | null;
  try {
    before = await session.resizePool({ name, slots, by: user.actor, at: systemClock.now() });
  } finally {
    await session.close(0);
  }
  if (before === null)
    throw new TuttiError(
      "POOL_UNKNOWN",
      `There is no pool "${name}". Declare it in tutti.config.ts: pools: { ${name}: ${slots} }; on PostgreSQL, then run: tutti deploy`,
    );
  if (json) out.json({ name, slots, before: before.slots });
  else out.line(`Pool "${name}" has ${slots} ${slots === 1 ? "slot" : "slots"} now; it had ${before.slots}.`);
  return STATUS.succeeded;
}
