import { setTimeout as pause } from "node:timers/promises";
import type { Measure } from "../figure.ts";
import { longHistory } from "../figures/long-history.ts";
import type { AgedRig } from "./aged-rig.ts";

/** The server looks once a minute for what there is to vacuum. */
const LOOKS_MS = 150_000;
const LOOK_AGAIN_MS = 1_000;

/** Of each table: its dead rows, as a share of how many of them begin a vacuum. */
const DEAD_ROWS = `
  select max(s.n_dead_tup / (coalesce(o.threshold, 50) + coalesce(o.share, 0.2) * s.n_live_tup))::float8 as most
  from pg_stat_user_tables s join pg_class c on c.oid = s.relid
  cross join lateral (
    select max(option_value::float8) filter (where option_name = 'autovacuum_vacuum_threshold') as threshold,
      max(option_value::float8) filter (where option_name = 'autovacuum_vacuum_scale_factor') as share
    from pg_options_to_table(c.reloptions)
  ) o`;

const history: Measure<AgedRig> = async (rig) =>
  (await longHistory(rig)).map((sample) => ({ ...sample, name: `PostgreSQL: ${sample.name}` }));

/** Whether the vacuum keeps up by itself: once it has had its turn, no table has more dead rows than begin the next. */
const deadRows: Measure<AgedRig> = async ({ server, oldDatabase }) => {
  let most = Number.POSITIVE_INFINITY;
  for (let waitedMs = 0; most > 1 && waitedMs < LOOKS_MS; waitedMs += LOOK_AGAIN_MS) {
    await pause(LOOK_AGAIN_MS);
    most = (await server.execute<{ most: number }>(oldDatabase, DEAD_ROWS))[0]!.most;
  }
  const judged = { unit: "x", bound: "at most", budget: 1, limit: null } as const;
  return [{ name: "PostgreSQL: dead rows, of those that begin a vacuum", value: most, ...judged }];
};

/** A database with years behind it, against a new one. */
export const agedFigures: readonly Measure<AgedRig>[] = [history, deadRows];
