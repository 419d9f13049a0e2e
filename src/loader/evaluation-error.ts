import { formatDuration } from "../core/duration.ts";
import type { BundledFile } from "./bundle.ts";
import type { EvaluationProblem } from "./evaluation.ts";
import { MEMORY_LIMIT_MB, type EvaluationEnd } from "./evaluator.ts";
import { LoadError, wholeFile, type Place } from "./load-error.ts";
import { placeOfFrames, placeOfWord } from "./source-place.ts";

/** A problem that the child reports, in words, at its place in the user's file. */
export function problemError(problem: EvaluationProblem, bundle: BundledFile): LoadError {
  const word = problem.word ?? problem.workflow;
  let place = placeOfFrames(problem.frames, bundle);
  if (place.line === null && word !== null) place = placeOfWord(word, bundle);
  return new LoadError(
    problem.code,
    `${MESSAGES[problem.code]?.(place) ?? `${at(place)}: `}${problem.message}`,
    place,
    problem.workflow,
  );
}

const MESSAGES: Readonly<Record<string, (place: Place) => string>> = {
  FILE_THREW: (place) => `${at(place)} threw while it was loaded: `,
};

const at = (place: Place): string =>
  place.line === null ? `"${place.file}"` : `"${place.file}" at line ${place.line}, column ${place.column}`;

/** `awaits`: where the file awaits at its top level, for one that neither runs nor ends. */
export function stuckError(
  end: EvaluationEnd & { kind: "stuck" },
  bundle: BundledFile,
  limitMs: number,
  awaits: Place | null,
): LoadError {
  const place = end.frames.length > 0 ? placeOfFrames(end.frames, bundle) : (awaits ?? wholeFile(bundle.file));
  const doing = end.frames.length > 0 ? "was still running" : "was still waiting at its top level";
  const advice =
    "A pipeline file only declares tasks and workflows: move work into a task, or raise loadTimeout in tutti.config.ts.";
  return new LoadError(
    "FILE_NEVER_RETURNED",
    `"${bundle.file}" ${doing} after ${formatDuration(limitMs)}${place.line === null ? "" : `, at line ${place.line} of "${place.file}"`}, and was stopped. ${advice}`,
    place,
  );
}

export function exitedError(end: EvaluationEnd & { kind: "exited" }, bundle: BundledFile): LoadError {
  const place = placeOfFrames(end.frames, bundle);
  const own = end.lastOutput.split(/^(?:----- |<---|#$)/m, 1)[0]!;
  const lines = own.trim().split("\n").slice(-5).join("\n");
  const last = lines === "" ? "" : ` It last wrote:\n${lines}`;
  if (end.lastOutput.includes("heap out of memory")) {
    return new LoadError(
      "FILE_EXITED",
      `"${bundle.file}" took more than ${MEMORY_LIMIT_MB} MB of memory while it was loaded. A pipeline file only declares tasks and workflows: read data in a task.`,
      place,
    );
  }
  const how = end.signal === null ? `exit code ${end.code}` : `signal ${end.signal}`;
  const advice =
    end.signal === null && end.frames.length > 0
      ? "A pipeline file must not call process.exit()."
      : "Does it, or a package it imports, end or crash the process?";
  return new LoadError(
    "FILE_EXITED",
    `"${bundle.file}" ended its process with ${how} while it was loaded${place.line === null ? "" : `, at line ${place.line} of "${place.file}"`}. ${advice}${last}`,
    place,
  );
}
