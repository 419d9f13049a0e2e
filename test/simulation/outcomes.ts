import type { Graph } from "../../src/core/graph.ts";
import { encodeValue } from "../../src/core/value-codec.ts";
import type { Assignment, Outcome } from "../../src/runtime/protocol.ts";
import { decidedResult, type Outcomes } from "../support/model-run.ts";

const ENDINGS = ["succeeded", "succeeded", "succeeded", "succeeded", "succeeded", "failed", "skipped"] as const;

/** How each task ends, by place and try: the same in the engine and in the pure model, whatever happens around it. */
export const outcomesOf =
  (seed: number): Outcomes =>
  (task, index, generation, attempt) =>
    ENDINGS[mix(seed, task, index ?? 99, generation, attempt) % ENDINGS.length] ?? "succeeded";

const mix = (...numbers: number[]): number =>
  numbers.reduce((mixed, n) => (Math.imul(mixed ^ n, 0x9e3779b1) ^ (mixed >>> 15)) >>> 0, 17);

/** What a worker says at the end of this attempt. */
export function outcomeOf(
  graph: Graph,
  outcomes: Outcomes,
  assignment: Pick<Assignment, "task" | "mapIndex" | "attempt" | "taskRunId" | "claim">,
  generation: number,
): Outcome {
  const { task, mapIndex, attempt, taskRunId, claim } = assignment;
  const state = outcomes(task, mapIndex, generation, attempt);
  if (state === "skipped") return { state, reason: "said so" };
  if (state !== "succeeded") {
    const error = { name: "Error", message: "broken" };
    return { state: "failed", error, rule: null, retryAfterMs: null, final: false };
  }
  const output = { kind: "inline", text: signedValue(taskRunId, claim) } as const;
  return { state, output, ...decidedResult(graph, task, mapIndex) };
}

/** Long enough for every list that `decidedResult` reports; every part of it says which claim made it. Some are large enough to be shared. */
const signedValue = (taskRunId: number, claim: number): string =>
  encodeValue(Array.from({ length: 4 }, () => `{${taskRunId}/${claim}}${"x".repeat(taskRunId % 5 === 0 ? 600 : 0)}`));

/** The claims whose values stand in a text. The codec writes these characters as they are. */
export const signatures = (text: string): { readonly taskRunId: number; readonly claim: number }[] =>
  [...text.matchAll(/\{(\d+)\/(\d+)\}/g)].map(([, id, claim]) => ({ taskRunId: Number(id), claim: Number(claim) }));
