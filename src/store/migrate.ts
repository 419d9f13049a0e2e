import { TuttiError } from "../core/errors.ts";
import { compareReleases, RELEASE } from "./release.ts";

/** One numbered, forward-only step of the schema. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  /** The oldest release that can work on a store that has this step. */
  readonly compatibleFrom: string;
  readonly sql: string;
}

/** A step that a store already has, as its `migration` table says. */
export interface AppliedMigration {
  readonly number: number;
  readonly compatibleFrom: string;
}

const FILE_NAME = /^(\d{4})_(\w+)\.sql$/;
const COMPATIBLE_FROM = /^-- compatible_from: (\d+\.\d+\.\d+)$/m;

/** Reads a migration file. Its header says why it exists and the oldest release that can work beside it. */
export function parseMigration(fileName: string, sql: string): Migration {
  const name = FILE_NAME.exec(fileName);
  const compatibleFrom = COMPATIBLE_FROM.exec(sql)?.[1];
  if (name === null || compatibleFrom === undefined)
    throw new Error(`Migration "${fileName}" has no number or no "-- compatible_from" line.`);
  return { number: Number(name[1]), name: name[2]!, compatibleFrom, sql };
}

/** As its file is named. */
export const migrationName = ({ number, name }: Migration): string => `${String(number).padStart(4, "0")}_${name}`;

/**
 * The steps a store still lacks, in order. A store from a newer release is fine as long as none of the steps that we
 * do not know asks for a newer release than this one.
 */
export function pendingMigrations(
  known: readonly Migration[],
  applied: readonly AppliedMigration[],
  store: string,
  release: string = RELEASE,
): readonly Migration[] {
  for (const step of applied) refuseNewer(step, known, store, release);
  const done = new Set(applied.map((step) => step.number));
  return known.filter((step) => !done.has(step.number)).toSorted((a, b) => a.number - b.number);
}

function refuseNewer(step: AppliedMigration, known: readonly Migration[], store: string, release: string): void {
  if (known.some((migration) => migration.number === step.number) || compareReleases(step.compatibleFrom, release) <= 0)
    return;
  throw new TuttiError(
    "STORE_TOO_NEW",
    `Store "${store}" was made by a newer release: it needs tutti ${step.compatibleFrom} or later, this is ${release}. Update tutti, or use another store.`,
  );
}
