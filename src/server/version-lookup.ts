import { TuttiError } from "../core/errors.ts";
import type { StoreReader, VersionSummary } from "../store/reader.ts";

/** What of older versions is looked through for one that a hash begins with. */
const MANY = 10_000;

/** The one version of a workflow that a hash begins with. @throws TuttiError `VERSION_NOT_FOUND` */
export async function oneVersion(reader: StoreReader, workflow: string, prefix: string): Promise<VersionSummary> {
  const all = await reader.listVersions(workflow, { limit: MANY });
  const found = all.filter(({ hash }) => hash.startsWith(prefix));
  if (found.length === 1) return found[0]!;
  throw new TuttiError(
    "VERSION_NOT_FOUND",
    found.length === 0
      ? `There is no version "${prefix}" of "${workflow}".`
      : `${found.length} versions of "${workflow}" begin with "${prefix}". Give more characters.`,
  );
}

/** A version and the one it is compared with: that of this hash, or the one before it. @throws TuttiError `VERSION_NOT_FOUND` */
export async function twoVersions(
  reader: StoreReader,
  workflow: string,
  prefix: string,
  from: string | undefined,
): Promise<{ readonly before: VersionSummary; readonly after: VersionSummary }> {
  const after = await oneVersion(reader, workflow, prefix);
  if (from !== undefined) return { before: await oneVersion(reader, workflow, from), after };
  const [before] = await reader.listVersions(workflow, { limit: 1, before: after.id });
  if (before === undefined)
    throw new TuttiError(
      "VERSION_NOT_FOUND",
      `Version "${after.hash}" of "${workflow}" is its oldest: there is none to compare it with.`,
    );
  return { before, after };
}
