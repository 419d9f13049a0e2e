import type { TaskManifest } from "../core/manifest.ts";
import { TuttiError } from "../core/errors.ts";
import { encodeFrame } from "../core/frame.ts";
import type { ListProbe } from "../core/graph.ts";
import { encodedBytes, encodeValue, formatPath, readPath, tooLarge } from "../core/value-codec.ts";
import type { ListReport, ListReports, StoredValue } from "../core/value.ts";
import { writeArtifact } from "./artifact-writer.ts";
import type { Attempt } from "./attempt.ts";
import type { LoadedVersion } from "./code.ts";
import type { Outcome } from "./protocol.ts";

/** What a body returned, as it is recorded. A promise only where something goes to the artifact store. */
export function toOutcome(attempt: Attempt, version: LoadedVersion, value: unknown): Outcome | Promise<Outcome> {
  const graphTask = version.graph.tasks[attempt.task.task];
  const task = version.built.manifest.tasks[attempt.task.task];
  if (!task || !graphTask) throw new RangeError(`no task ${attempt.task.task} in "${version.info.workflow}"`);
  if (task.kind === "branch") return { state: "succeeded", output: null, lists: null, arms: chosenArms(task, value) };
  const at = `the output of task "${task.name}"`;
  const text = encodeValue(value, { at });
  if (graphTask.probes.length === 0 && text.length * 3 <= attempt.ports.inlineBytes)
    return succeeded({ kind: "inline", text }, null);
  return recorded(attempt, version, { value, text, at, probes: graphTask.probes });
}

interface Result {
  readonly value: unknown;
  readonly text: string;
  /** For messages. */
  readonly at: string;
  readonly probes: readonly ListProbe[];
}

async function recorded(attempt: Attempt, version: LoadedVersion, result: Result): Promise<Outcome> {
  const paths = result.probes.filter((probe) => probe.pick === null).map((probe) => probe.path);
  const lists: Record<string, ListReport> = {};
  for (const [place, probe] of result.probes.entries()) {
    lists[probe.key] = await reportList(probe, result.value, version, result.at, (list, text) =>
      stored(attempt, `.list-${place}`, list, text, [[]], result.at),
    );
  }
  const output = await stored(attempt, ".output", result.value, result.text, paths, result.at);
  return succeeded(output, result.probes.length === 0 ? null : lists);
}

const succeeded = (output: StoredValue, lists: ListReports | null): Outcome => ({
  state: "succeeded",
  output,
  lists,
  arms: null,
});

/** A list that the graph maps over, where it is or as a `pick` makes it. What the user's `pick` throws is the mapped task's error, not this one's. */
export async function reportList(
  probe: ListProbe,
  whole: unknown,
  version: LoadedVersion,
  at: string,
  store: (list: readonly unknown[], text: string) => Promise<StoredValue>,
): Promise<ListReport> {
  const found = readPath(whole, probe.path);
  const where = probe.path.length === 0 ? at : `"${formatPath(probe.path)}" of ${at}`;
  if (probe.pick === null) return Array.isArray(found) ? { length: found.length } : notAList(where, found);
  try {
    const picked = version.built.picks[probe.pick]?.(found);
    if (!Array.isArray(picked)) return notAList(`what a pick made of ${where}`, picked);
    return {
      length: picked.length,
      value: await store(picked, encodeValue(picked, { at: `what a pick made of ${where}` })),
    };
  } catch (error) {
    const code = error instanceof TuttiError ? error.code : "PICK_FAILED";
    return {
      error: {
        code,
        message: `A pick that makes the list to map over, of ${where}, failed: ${error instanceof Error ? error.message : String(error)}`,
      },
    };
  }
}

const notAList = (where: string, found: unknown): ListReport => ({
  error: {
    code: "NOT_A_LIST",
    message: `A task maps over ${where}, which is ${found === null ? "null" : found === undefined ? "absent" : `a ${typeof found}`} and no list.`,
  },
});

/** Small beside the task run, large as a frame in the artifact store. */
async function stored(
  attempt: Attempt,
  name: string,
  value: unknown,
  text: string,
  lists: readonly (readonly (string | number)[])[],
  at: string,
): Promise<StoredValue> {
  const { inlineBytes, maxValueBytes } = attempt.ports;
  const bytes = text.length * 3 <= inlineBytes ? text.length : encodedBytes(text);
  if (bytes > maxValueBytes) throw tooLarge(at, maxValueBytes);
  if (bytes <= inlineBytes) return { kind: "inline", text };
  const { uri, size } = await writeArtifact(attempt, name, encodeFrame(value, lists, { at, maxBytes: maxValueBytes }));
  return { kind: "frame", uri, bytes: size };
}

/** @throws TuttiError `BRANCH_UNKNOWN_ARM` */
function chosenArms(task: TaskManifest, chosen: unknown): readonly string[] {
  const known = Object.keys(task.arms ?? {});
  const keys = chosen === null || chosen === undefined ? [] : Array.isArray(chosen) ? (chosen as unknown[]) : [chosen];
  const unknown = keys.find((key) => typeof key !== "string" || !known.includes(key));
  if (unknown !== undefined) {
    const got = typeof unknown === "string" ? `"${unknown}"` : `a ${typeof unknown}`;
    throw new TuttiError(
      "BRANCH_UNKNOWN_ARM",
      `Branch "${task.name}" chose ${got}, which is none of its arms: ${known.map((key) => `"${key}"`).join(", ")}. Return one of them, a list of them, or null.`,
    );
  }
  return [...new Set(keys as string[])];
}
