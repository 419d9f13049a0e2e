import type { Static, TSchema } from "typebox";
import type { ParamsOf } from "../api/contract.ts";
import type { CONTRACTS } from "../api/contracts.ts";

type Nouns = typeof CONTRACTS;
type AnyContract = { [Noun in keyof Nouns]: Nouns[Noun][keyof Nouns[Noun]] }[keyof Nouns];

/** What can be done with a path. */
export type Method = AnyContract["method"];

/** The paths that there are for a method, as the contracts spell them: `/api/runs/{run}`. */
export type PathOf<M extends Method> = Extract<AnyContract, { readonly method: M }>["path"];

type ContractOf<M extends Method, P extends string> = Extract<AnyContract, { readonly method: M; readonly path: P }>;

type Field<C, Name extends string> = C extends { readonly [N in Name]: infer S extends TSchema } ? Static<S> : never;
/** Required where something of it is. */
type Given<Name extends string, T> = [T] extends [never]
  ? { readonly [N in Name]?: never }
  : {} extends T
    ? { readonly [N in Name]?: T }
    : { readonly [N in Name]: T };

/** What goes with a request: parts of the path by name, the query, the body, each as its contract says. */
export type Ask<M extends Method, P extends PathOf<M>> = Given<"params", ParamsOf<ContractOf<M, P>>> &
  Given<"query", Field<ContractOf<M, P>, "query">> &
  Given<"body", Field<ContractOf<M, P>, "body">> & {
    /** Of what starts work: asked twice under one key, within a day, it is done once. */
    readonly key?: string;
    readonly signal?: AbortSignal;
  };

/** What is answered. */
export type Answer<M extends Method, P extends PathOf<M>> =
  ContractOf<M, P> extends { readonly response: infer S extends TSchema } ? Static<S> : undefined;

/** One event of the stream: `snapshot` and `delta` have their topic in `data`; after `reset` snapshots follow. */
export interface LiveEvent {
  readonly event: "snapshot" | "delta" | "resumed" | "reset";
  /** To go on with: `after`. `null`: between two snapshots. */
  readonly id: string | null;
  readonly data: { readonly topic?: string; readonly [field: string]: unknown };
}
