const MOST = 32;

/** A name where there is no room for a long one, as on a button. */
export const shortName = (name: string): string => (name.length <= MOST ? name : `${name.slice(0, MOST - 1)}…`);
