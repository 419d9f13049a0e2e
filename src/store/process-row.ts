import { TuttiError } from "../core/errors.ts";
import type { Heard, NewProcess, ProcessRecord } from "./process-list.ts";

/** A row as every database hands it over. */
export interface ProcessRow {
  readonly name: string;
  readonly instance: string;
  /** What is only shown, as JSON. */
  readonly facts: string;
  readonly started_at: number;
  readonly alive: boolean | number;
}

type Facts = Omit<NewProcess, "name" | "instance">;

export const toProcess = ({ name, instance, facts, started_at, alive }: ProcessRow): ProcessRecord => ({
  name,
  instance,
  ...(JSON.parse(facts) as Facts),
  startedAt: started_at,
  alive: Boolean(alive),
});

export const factsOf = ({ name: _name, instance: _instance, ...facts }: NewProcess): string =>
  JSON.stringify(facts satisfies Facts);

/** `null`: the name is another living process's. */
export function heard(name: string, row: Heard | null): Heard {
  if (row !== null) return row;
  throw new TuttiError(
    "PROCESS_NAME_TAKEN",
    `Another living process works on this store under the name "${name}". Start this one again: it takes another name then.`,
  );
}
