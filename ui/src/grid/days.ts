/** Where days and months begin among columns that are in the order of their dates. */

interface Column {
  readonly date: string;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** Places of the first column of each Monday. */
export const mondays = (columns: readonly Column[]): number[] =>
  columns.flatMap(({ date }, at) => (isMonday(date) && dayOf(date) !== dayOf(columns[at - 1]?.date) ? [at] : []));

/** The first column of each month, and what it is called. A month that begins too near before the next has no name. */
export function months(columns: readonly Column[], least: number): { readonly at: number; readonly text: string }[] {
  const begun = columns.flatMap(({ date }, at) =>
    date.slice(0, 7) === columns[at - 1]?.date.slice(0, 7) ? [] : [{ at, text: nameOf(date) }],
  );
  return begun.filter(({ at }, place) => (begun[place + 1]?.at ?? Infinity) - at >= least);
}

const dayOf = (date: string | undefined): string | undefined => date?.slice(0, 10);
const isMonday = (date: string): boolean => new Date(`${date.slice(0, 10)}T00:00Z`).getUTCDay() === 1;
const nameOf = (date: string): string => `${MONTHS[Number(date.slice(5, 7)) - 1] ?? ""} ${date.slice(0, 4)}`;
