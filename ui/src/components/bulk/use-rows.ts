import { useState } from "react";
import { type Choice, chosenOf, NOTHING, pressed, pressedAll } from "../../choice/choice.ts";
import { useRefusal } from "../../api/session.ts";

/** What came of an act on one row: `null`, it was done; else why not. */
export type Outcome = string | null;

/** The rows of a list that acts on many are about. */
export interface Rows {
  /** Whoever may not act chooses nothing. */
  readonly mayAct: boolean;
  readonly shown: readonly string[];
  readonly chosen: ReadonlySet<string>;
  /** Everything that the filter stands for is meant. */
  readonly all: boolean;
  readonly outcomes: ReadonlyMap<string, Outcome>;
  press(key: string, asRange: boolean): void;
  pressAll(): void;
  chooseAll(): void;
  clear(): void;
  told(outcomes: ReadonlyMap<string, Outcome>): void;
}

/** How a row is drawn: `selected`, it is the one that keys are about. */
export const rowClass = (selected: boolean, chosen: boolean): string | undefined =>
  selected ? "sel" : chosen ? "chosen" : undefined;

interface Kept {
  readonly scope: string;
  readonly choice: Choice;
  readonly outcomes: ReadonlyMap<string, Outcome>;
}

const NO_OUTCOMES: ReadonlyMap<string, Outcome> = new Map();

/** `shown`: the keys of the rows, in their order; `scope`: another list, by its filter, begins with nothing chosen. */
export function useRows(shown: readonly string[], scope: string): Rows {
  const mayAct = useRefusal("operator") === null;
  const [kept, keep] = useState<Kept>({ scope, choice: NOTHING, outcomes: NO_OUTCOMES });
  const { choice, outcomes } = kept.scope === scope ? kept : { choice: NOTHING, outcomes: NO_OUTCOMES };
  // What came of the act before is no news beside a new choice.
  const choose = (next: Choice): void => keep({ scope, choice: next, outcomes: NO_OUTCOMES });
  return {
    mayAct,
    shown,
    chosen: mayAct ? chosenOf(choice, shown) : new Set(),
    all: choice.all,
    outcomes,
    press: (key, asRange) => choose(pressed(choice, key, shown, asRange)),
    pressAll: () => choose(pressedAll(choice, shown)),
    chooseAll: () => choose({ ...choice, all: true }),
    clear: () => choose(NOTHING),
    told: (news) => keep({ scope, choice, outcomes: news }),
  };
}
