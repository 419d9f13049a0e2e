import type { Bodies } from "../bodies.ts";

export const activitiesOf = (bodies: Bodies) => ({
  nothing: async (): Promise<void> => bodies.ran(),
  one: async (i: number): Promise<number> => {
    bodies.ran();
    return i;
  },
  join: async (all: readonly number[]): Promise<number> => {
    bodies.ran();
    return all.length;
  },
});
