import type { StorePlace } from "../../loader/config-store.ts";
import { whoOwns } from "../../store/sqlite/owner-lock.ts";
import { pendingMigrations } from "../open-store.ts";
import { findOwner } from "../find-owner.ts";
import { type Finding, fine, looked, problem, warning } from "./finding.ts";

/** Looks at a file as a command that wants to work on it. That it lies on a network file system is said when it is opened. */
export async function examineSqlite({ path }: StorePlace & { kind: "sqlite" }): Promise<readonly Finding[]> {
  const findings = await looked("store", async () => {
    const steps = await pendingMigrations({ kind: "sqlite", path });
    return [
      fine("store", `SQLite file "${path}" can be read.`),
      steps.length === 0
        ? fine("schema", "The schema is that of this release, or of one that it can work beside.")
        : warning(
            "schema",
            "STORE_TOO_OLD",
            `The schema lacks ${steps.join(", ")}. The next command that writes brings it up to date.`,
          ),
    ];
  });
  if (findings[0]?.code === "STORE_NOT_FOUND")
    return [fine("store", `There is no file at "${path}" yet: the first run makes it.`)];
  return [...findings, ...(await looked("processes", () => answers(path)))];
}

async function answers(path: string): Promise<readonly Finding[]> {
  const owner = whoOwns(path);
  if (owner === null) return [fine("processes", "No process owns the store now.")];
  const client = await findOwner(path);
  const who = owner.pid === null ? "A process" : `Process ${owner.pid} ("${owner.command}")`;
  if (client === null)
    return [
      problem(
        "processes",
        "OWNER_SILENT",
        `${who} owns the store and does not answer. Is it suspended? Go on with it, or end it.`,
      ),
    ];
  await client.close();
  return [fine("processes", `${who} owns the store and answers.`)];
}
