import { createHash } from "node:crypto";
import { TuttiError } from "../core/errors.ts";

type Position = string | number | readonly (string | number)[];

/**
 * Where a list goes on. Opaque to clients, and bound to its list: the one that it was given for, with the same filters.
 */
export class PageCursor {
  readonly #list: string;

  /** `filters`: what chose the list's items; a page's own `limit` and `cursor` are no part of it. */
  constructor(list: string, filters: object) {
    const { limit: _limit, cursor: _cursor, ...rest } = filters as { limit?: unknown; cursor?: unknown };
    const chosen = JSON.stringify(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)));
    this.#list = createHash("sha256").update(`${list} ${chosen}`).digest("base64url").slice(0, 16);
  }

  at(position: Position): string {
    return Buffer.from(JSON.stringify([this.#list, position])).toString("base64url");
  }

  /** `isPosition`: whether it can be one of this list. @throws TuttiError `CURSOR_REFUSED` */
  read<P extends Position>(cursor: string | undefined, isPosition: (value: unknown) => value is P): P | undefined {
    if (cursor === undefined) return undefined;
    const [list, position] = parsed(cursor);
    if (list !== this.#list || !isPosition(position))
      throw new TuttiError(
        "CURSOR_REFUSED",
        `This cursor is not of this list with these filters. Take "next" of the page before, or ask without a cursor for the first page.`,
      );
    return position;
  }
}

function parsed(cursor: string): readonly unknown[] {
  try {
    const value = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")) as unknown;
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

export const isWhole = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
export const isRunId = (value: unknown): value is string =>
  typeof value === "string" && /^[0-7][0-9a-z]{25}$/.test(value);

/** One page of what is all in memory. */
export function sliced<T>(
  all: readonly T[],
  { limit = 100, cursor }: { readonly limit?: number; readonly cursor?: string },
  at: PageCursor,
): { items: T[]; next: string | null } {
  const from = at.read(cursor, isWhole) ?? 0;
  const items = all.slice(from, from + limit);
  return { items, next: from + limit < all.length ? at.at(from + limit) : null };
}
