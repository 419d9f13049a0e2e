import type { Context } from "hono";
import type { AnswerOf, BodyOf, Contract, ParamsOf, QueryOf } from "../api/contract.ts";
import type { Caller } from "./caller.ts";
import type { ServerContext } from "./server-context.ts";

/** One request that was let in, with what it brings as its contract says. */
export interface Call<C extends Contract> {
  readonly params: ParamsOf<C>;
  readonly query: QueryOf<C>;
  readonly body: BodyOf<C>;
  /** Only where the contract lets in nobody, it may be absent. */
  readonly caller: C["role"] extends "nobody" ? Caller | null : Caller;
  /** The `Idempotency-Key`; `null`: none was given. */
  readonly key: string | null;
  readonly http: Context;
}

type Handle<C extends Contract> = (call: Call<C>, server: ServerContext) => Promise<AnswerOf<C> | Response>;

/** A contract with what keeps it. */
export interface Route {
  readonly contract: Contract;
  readonly handle: (call: Call<Contract>, server: ServerContext) => Promise<unknown>;
}

export const on = <C extends Contract>(contract: C, handle: Handle<C>): Route => ({
  contract,
  handle,
});
