interface Ran {
  readonly startedAt: string | null;
  readonly endedAt: string | null;
}

/** How long a run took, or has taken by now, in milliseconds. */
export const lengthOf = ({ startedAt, endedAt }: Ran, now: number): number =>
  startedAt === null ? 0 : Math.max(0, (endedAt === null ? now : Date.parse(endedAt)) - Date.parse(startedAt));
