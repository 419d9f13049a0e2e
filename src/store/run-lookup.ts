import { TuttiError } from "../core/errors.ts";

const SHOWN = 5;

/** How many ids with a prefix are enough to name the run, or to say that it stands for several. */
export const LOOKUP_LIMIT = SHOWN + 1;

/**
 * The one run that a prefix stands for, of the ids that begin with it.
 * @throws TuttiError `RUN_NOT_FOUND`, `RUN_ID_AMBIGUOUS`
 */
export function onlyRun(prefix: string, ids: readonly string[]): string {
  if (ids.length === 1) return ids[0]!;
  throw ids.length === 0 ? notFound(prefix) : ambiguous(prefix, ids);
}

/** As `onlyRun`. @throws TuttiError `BACKFILL_NOT_FOUND`, `BACKFILL_ID_AMBIGUOUS` */
export function onlyBackfill(prefix: string, found: readonly { readonly id: string }[]): string {
  if (found.length === 1) return found[0]!.id;
  if (found.length === 0)
    throw new TuttiError("BACKFILL_NOT_FOUND", `There is no backfill "${prefix}". \`tutti backfill list\` lists them.`);
  throw new TuttiError(
    "BACKFILL_ID_AMBIGUOUS",
    `"${prefix}" stands for several backfills: ${found
      .slice(0, SHOWN)
      .map(({ id }) => `"${id}"`)
      .join(", ")}${found.length > SHOWN ? " and more" : ""}. Give more characters.`,
  );
}

const notFound = (prefix: string): TuttiError =>
  new TuttiError("RUN_NOT_FOUND", `There is no run "${prefix}". \`tutti runs\` lists them.`);

function ambiguous(prefix: string, ids: readonly string[]): TuttiError {
  const shown = ids.slice(0, SHOWN).map((id) => `"${id}"`);
  const rest = ids.length > SHOWN ? " and more" : "";
  return new TuttiError(
    "RUN_ID_AMBIGUOUS",
    `"${prefix}" stands for several runs: ${shown.join(", ")}${rest}. Give more characters.`,
  );
}
