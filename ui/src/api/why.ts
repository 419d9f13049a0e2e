import { queryOptions } from "@tanstack/react-query";
import type { Reason as Explained } from "../../../src/core/explanation.ts";
import type { TaskRunState } from "../../../src/core/task-run-state.ts";
import type { RunState } from "../words/state.ts";
import { tutti } from "./tutti.ts";

type Moments = "at" | "since" | "until" | "endedAt" | "madeAt";

/** As the server tells it: moments are texts. */
type Told<T> = T extends readonly (infer E)[]
  ? readonly Told<E>[]
  : T extends object
    ? {
        readonly [Name in keyof T]: Name extends Moments
          ? Exclude<T[Name], number> | (number extends T[Name] & number ? string : never)
          : Told<T[Name]>;
      }
    : T;

export type Reason = Told<Explained>;
export type ReasonOf<K extends Reason["kind"]> = Extract<Reason, { readonly kind: K }>;

export interface Why {
  readonly runId: string;
  readonly workflow: string;
  readonly state: RunState;
  readonly reasons: readonly Reason[];
  readonly tasks: readonly {
    readonly task: string;
    readonly mapIndex: number | null;
    readonly state: TaskRunState;
    readonly reasons: readonly Reason[];
  }[];
  readonly more: number;
}

/** Who holds a slot, and how many stand before it: that changes without a word about this run. */
const EVERY_MS = 2_000;

export const whyQuery = (run: string, task?: string, mapIndex?: number) =>
  queryOptions({
    queryKey: ["why", run, task ?? null, mapIndex ?? null],
    staleTime: 0,
    refetchInterval: EVERY_MS,
    queryFn: async ({ signal }) =>
      (await tutti().get("/api/runs/{run}/why", {
        params: { run },
        query: { ...(task === undefined ? {} : { task }), ...(mapIndex === undefined ? {} : { mapIndex }) },
        signal,
      })) as unknown as Why,
  });
