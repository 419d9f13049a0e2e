import type { Static, TSchema } from "typebox";
import type { Role } from "../core/role.ts";

/** One thing that can be asked of the server: both sides, OpenAPI and the table of rights are made from it. */
export interface Contract {
  readonly method: "get" | "post" | "patch" | "delete";
  /** `{name}` stands for a part of the path; what it may be stands in `path-params.ts`. */
  readonly path: `/${string}`;
  readonly summary: string;
  /** Who may at least. `nobody`: also who has shown nothing of himself. */
  readonly role: Role | "nobody";
  readonly query?: TSchema;
  readonly body?: TSchema;
  /** `null`: an answer without a body. */
  readonly response: TSchema | null;
  /** Of a success. Default: 200. */
  readonly status?: number;
  /** The body's media type where it is no JSON. */
  readonly media?: "text/event-stream" | "application/octet-stream" | "text/plain" | "application/x-ndjson";
  /** It starts work, and takes an `Idempotency-Key`: asked twice under one key, it is done once. */
  readonly keyed?: true;
  /** Whoever signs it as the configuration says (`webhooks`) needs no token. */
  readonly signed?: true;
}

export const contract = <const C extends Contract>(it: C): C => it;

type NamesIn<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never;

/** The parts of a path by name. */
export type ParamsOf<C extends Contract> = { readonly [Name in NamesIn<C["path"]>]: string };
export type QueryOf<C extends Contract> = C extends { readonly query: infer S extends TSchema } ? Static<S> : undefined;
export type BodyOf<C extends Contract> = C extends { readonly body: infer S extends TSchema } ? Static<S> : undefined;
export type AnswerOf<C extends Contract> = C["response"] extends infer S extends TSchema ? Static<S> : undefined;

/** The names in a path, in order. */
export const namesIn = (path: string): readonly string[] =>
  Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => name!);
