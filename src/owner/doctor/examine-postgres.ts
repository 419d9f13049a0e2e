import type { StorePlace } from "../../loader/config-store.ts";
import { PostgresProbe } from "../../store/postgres/postgres-probe.ts";
import { REFUSED_SKEW_MS, skewText } from "../clock-skew.ts";
import { pendingMigrations, storeName } from "../open-store.ts";
import { type Finding, fine, looked, problem, warning } from "./finding.ts";

type Place = StorePlace & { kind: "postgres" };

/** Free connections below this: a process of ours takes up to seven. */
const FEW_CONNECTIONS = 10;

/** Looks at a database as a process that wants to work there. */
export async function examinePostgres(place: Place): Promise<readonly Finding[]> {
  let probe: PostgresProbe | null = null;
  const store = await looked("store", async () => {
    probe = await PostgresProbe.open(place.url);
    return reached(probe, place);
  });
  if (probe === null) return store;
  const found: PostgresProbe = probe;
  try {
    const rights = await looked("rights", () => mayWork(found));
    const schema = await looked("schema", () => isCurrent(place));
    const clock = await looked("clock", () => isOnTime(found));
    const wakeUps = await looked("wake-ups", () => passesOn(found, place));
    return [...store, ...rights, ...schema, ...clock, ...wakeUps];
  } finally {
    await found.close();
  }
}

async function reached(probe: PostgresProbe, place: Place): Promise<readonly Finding[]> {
  const { server, standby, connections, used } = await probe.facts();
  const { roundTripMs } = await probe.clock();
  const at = `PostgreSQL ${server} at "${storeName(place)}"`;
  const findings = [
    fine("store", `${at} answers in ${roundTripMs.toFixed(1)} ms; ${used} of ${connections} connections are in use.`),
  ];
  if (standby)
    findings.push(
      problem("store", "STORE_READ_ONLY", `${at} is a standby and takes no writes. Give the address of the primary.`),
    );
  if (connections - used < FEW_CONNECTIONS)
    findings.push(
      warning(
        "store",
        "CONNECTIONS_SCARCE",
        `${at} has ${connections - used} connections left, and each process takes up to seven. Raise max_connections, or put a pooler in front.`,
      ),
    );
  return findings;
}

async function mayWork(probe: PostgresProbe): Promise<readonly Finding[]> {
  const { user, may_use_schema: mayUse } = await probe.facts();
  if (!mayUse)
    return [
      problem(
        "rights",
        "RIGHTS_MISSING",
        `User "${user}" may not use schema "tutti". As its owner: grant usage on schema tutti to "${user}"`,
      ),
    ];
  const missing = await probe.missingRights();
  if (missing.length === 0) return [fine("rights", `User "${user}" may read and write everything it needs.`)];
  const shown = missing.slice(0, 3).map(({ table, rights }) => `${rights} on tutti.${table}`);
  const more = missing.length > 3 ? `, and ${missing.length - 3} tables more` : "";
  return [
    problem(
      "rights",
      "RIGHTS_MISSING",
      `User "${user}" lacks ${shown.join("; ")}${more}. As the owner of the schema: grant select, insert, update, delete on all tables in schema tutti to "${user}"; grant usage on all sequences in schema tutti to "${user}"`,
    ),
  ];
}

async function isCurrent(place: Place): Promise<readonly Finding[]> {
  const steps = await pendingMigrations(place);
  return [
    steps.length === 0
      ? fine("schema", "The schema is that of this release, or of one that it can work beside.")
      : problem("schema", "STORE_TOO_OLD", `The schema lacks ${steps.join(", ")}. Run once: tutti migrate`),
  ];
}

async function isOnTime(probe: PostgresProbe): Promise<readonly Finding[]> {
  const { aheadMs, roundTripMs } = await probe.clock();
  const text = skewText("The clock of this machine", aheadMs);
  if (text === null)
    return [
      fine(
        "clock",
        `The clock of this machine differs from the server's by ${Math.abs(aheadMs).toFixed(0)} ms, ± ${(roundTripMs / 2).toFixed(1)}.`,
      ),
    ];
  return [
    Math.abs(aheadMs) < REFUSED_SKEW_MS ? warning("clock", "CLOCK_OFF", text) : problem("clock", "CLOCK_OFF", text),
  ];
}

async function passesOn(probe: PostgresProbe, place: Place): Promise<readonly Finding[]> {
  if (place.directUrl !== place.url && !(await leadsToTheSame(probe, place)))
    return [
      problem(
        "wake-ups",
        "STORE_REPLACED",
        `"storeDirect" leads to another store than "store": processes would never hear of each other. Give both the same database.`,
      ),
    ];
  const tookMs = await probe.wakeUp(place.directUrl);
  return [
    tookMs === null
      ? warning(
          "wake-ups",
          "WAKE_UPS_POLLED",
          `Notifications do not arrive, as behind a pooler in transaction mode: processes look for work five times a second instead. Give "storeDirect" an address past the pooler.`,
        )
      : fine("wake-ups", `A wake-up arrives after ${tookMs.toFixed(1)} ms.`),
  ];
}

async function leadsToTheSame(probe: PostgresProbe, { directUrl }: Place): Promise<boolean> {
  const direct = await PostgresProbe.open(directUrl);
  try {
    return (await direct.identity()) === (await probe.identity());
  } finally {
    await direct.close();
  }
}
