export interface Covering {
  readonly date: string;
  readonly partition?: string | null;
}

/** What a run is for, in a word: a key says more than its date. */
export const runFor = ({ date, partition }: Covering): string => partition ?? date;
