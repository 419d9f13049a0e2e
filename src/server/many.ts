import { answerTo, badRequest } from "./failure.ts";

/** So many are acted on at once. */
const MOST_AT_ONCE = 1_000;

interface Asked<Id, Selection extends object> {
  readonly ids?: readonly Id[] | undefined;
  readonly selection?: Selection | undefined;
}

/** Which things an act is about. `more`: the selection stands for more than are acted on at once. */
interface Chosen<Id> {
  readonly ids: readonly Id[];
  readonly more: boolean;
}

/** Either the ids, or what a selection stands for: never all by an omission. `find` gives one more than `limit` where there are more. @throws TuttiError `BAD_REQUEST` */
export async function chosenOf<Id, Selection extends object>(
  { ids, selection }: Asked<Id, Selection>,
  find: (selection: Selection, limit: number) => Promise<readonly Id[]>,
): Promise<Chosen<Id>> {
  if ((ids === undefined) === (selection === undefined))
    throw badRequest(`The body needs one of two: the ids, or "selection".`);
  if (ids !== undefined) return { ids: [...new Set(ids)], more: false };
  if (!Object.values(selection!).some(saysSomething))
    throw badRequest(`"selection" is empty. It must choose some of them.`);
  const found = await find(selection!, MOST_AT_ONCE + 1);
  return { ids: found.slice(0, MOST_AT_ONCE), more: found.length > MOST_AT_ONCE };
}

function saysSomething(field: unknown): boolean {
  if (typeof field === "string") return field.trim() !== "";
  return Array.isArray(field) ? field.length > 0 : field !== undefined;
}

/** What one of many came to. */
interface Done<Id> {
  readonly id: Id;
  readonly ok: boolean;
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** One after another; what is refused keeps nobody back. `dryRun`: nothing is done. A mistake of ours ends all. */
export async function doEach<Id>(
  ids: readonly Id[],
  dryRun: boolean | undefined,
  act: (id: Id) => Promise<unknown>,
): Promise<Done<Id>[]> {
  const done: Done<Id>[] = [];
  for (const id of ids) {
    const error = dryRun === true ? null : await refusal(() => act(id));
    done.push({ id, ok: error === null, error });
  }
  return done;
}

async function refusal(work: () => Promise<unknown>): Promise<Done<unknown>["error"]> {
  try {
    await work();
    return null;
  } catch (error) {
    const { status, body } = answerTo(error);
    if (status >= 500) throw error;
    return body.error;
  }
}
