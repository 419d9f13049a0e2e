const A_PAGE = 1_000;

interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** A list of the API, page by page, up to so many. */
export async function allPages<T>(
  limit: number,
  read: (page: { readonly limit: number; readonly cursor?: string }) => Promise<Page<T>>,
): Promise<T[]> {
  const found: T[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<T> = await read({
      limit: Math.min(A_PAGE, limit - found.length),
      ...(cursor === null ? {} : { cursor }),
    });
    found.push(...page.items);
    cursor = page.next;
  } while (cursor !== null && found.length < limit);
  return found;
}
