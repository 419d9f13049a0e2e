import type { ReactNode } from "react";

/** What is acted on: these rows, or everything that the list's filter stands for. */
export type Target = readonly string[] | "all";

/** As the server answers every act on many. */
export interface BulkAnswer {
  readonly items: readonly {
    readonly id: string | number;
    readonly ok: boolean;
    readonly error: { readonly code: string; readonly message: string } | null;
  }[];
  /** There are more than are acted on at once. */
  readonly more: boolean;
}

/** Something that can be done to many rows at once. */
export interface BulkAct {
  /** `Cancel` */
  readonly word: string;
  /** `cancelled` */
  readonly done: string;
  /** Whether it can be done to a row as that is. */
  readonly fits: (key: string) => boolean;
  /** Which those are: `that have failed`. */
  readonly only: string;
  /** What else it is given. Absent: nothing. */
  readonly fields?: ReactNode;
  /** What of that is missing; absent and `null`: nothing. */
  readonly refusal?: string | null;
  /** `dryRun`: only says which they are. */
  readonly ask: (target: Target, dryRun: boolean) => Promise<BulkAnswer>;
  /** The request: its path and its body. */
  readonly path: string;
  readonly body: (target: Target) => object;
}

/** The server acts on so many at once. */
export const AT_ONCE = 1_000;

/** All of them, as many requests as it takes. */
export async function askAll(
  ids: readonly string[],
  ask: (some: readonly string[]) => Promise<BulkAnswer>,
): Promise<BulkAnswer> {
  const items: BulkAnswer["items"][number][] = [];
  for (let at = 0; at < ids.length; at += AT_ONCE) items.push(...(await ask(ids.slice(at, at + AT_ONCE))).items);
  return { items, more: false };
}
