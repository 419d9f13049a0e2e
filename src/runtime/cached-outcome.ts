import { parseArtifactUri } from "../core/artifact-uri.ts";
import type { CachedValue, CacheQuestion } from "../core/cached-value.ts";
import { addMs } from "../core/clock.ts";
import { momentText } from "../core/moment-text.ts";
import { decodeValue } from "../core/value-codec.ts";
import type { StoredValue } from "../core/value.ts";
import { artifactBackend } from "./artifact-backend.ts";
import type { Attempt } from "./attempt.ts";
import type { CacheKeys } from "./cache-keys.ts";
import type { Outcome } from "./protocol.ts";

/** A success with a value that is there already and young enough; `null`: there is none, and the code runs. */
export async function cachedOutcome(attempt: Attempt, keys: CacheKeys, cacheForMs: number): Promise<Outcome | null> {
  const found = await look(attempt, { keys: keys.all(), after: addMs(attempt.ports.now(), -cacheForMs) });
  if (attempt.abortedFor !== null) attempt.signal.throwIfAborted();
  if (found === null) return null;
  const { from, output, lists, arms } = found;
  const gone = await missing(found, attempt.ports.artifactsDir);
  if (gone !== null) {
    attempt.log.log("warn", `The value that run ${from.runId} made can't be taken: ${gone} is there no more.`);
    return null;
  }
  const made = momentText(from.madeAt);
  attempt.log.log("info", `Took the value that run ${from.runId} made at ${made}: input and code are the same.`);
  return { state: "succeeded", output, lists, arms, cached: from };
}

/** What can't be looked for is not there: no task fails for that. */
async function look(attempt: Attempt, question: CacheQuestion): Promise<CachedValue | null> {
  try {
    const found = await attempt.ports.drawer(attempt, "cache", JSON.stringify(question));
    return found === null ? null : (JSON.parse(found) as CachedValue);
  } catch (error) {
    attempt.log.log("warn", `No kept value could be looked for: ${(error as Error).message}`);
    return null;
  }
}

/** Of what a value refers to in the artifact store, the first that is not there; `null`: all is. */
async function missing({ output, lists }: CachedValue, artifactsDir: string): Promise<string | null> {
  const values = [output, ...Object.values(lists ?? {}).map((report) => ("value" in report ? report.value : null))];
  for (const uri of new Set(values.flatMap((value) => (value ? urisIn(value) : [])))) {
    if (!(await isThere(uri, artifactsDir))) return uri;
  }
  return null;
}

async function isThere(uri: string, artifactsDir: string): Promise<boolean> {
  try {
    return await artifactBackend(artifactsDir).parts(parseArtifactUri(uri), async () => true);
  } catch {
    return false;
  }
}

/** A large value is an artifact itself; which it refers to in turn, only reading all of it would tell. */
function urisIn(value: StoredValue): readonly string[] {
  if (value.kind === "frame") return [value.uri];
  // Most values refer to none, and need no decoding.
  if (!value.text.includes("ArtifactRef")) return [];
  const uris: string[] = [];
  decodeValue(value.text, { artifact: ({ uri }) => uris.push(uri) });
  return uris;
}
