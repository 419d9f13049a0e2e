/** Which rows of a list are chosen. */
export interface Choice {
  readonly keys: ReadonlySet<string>;
  /** Everything that the list's filter stands for, also what is not on the screen. */
  readonly all: boolean;
  /** Where a range begins: the row that was pressed last. */
  readonly anchor: string | null;
}

export const NOTHING: Choice = { keys: new Set(), all: false, anchor: null };

/** After a press on the box of a row; `asRange`, from the row pressed before to this one: all of them become what this one becomes. */
export function pressed(choice: Choice, key: string, shown: readonly string[], asRange = false): Choice {
  const before = chosenOf(choice, shown);
  const isOn = !before.has(key);
  const keys = new Set(before);
  for (const each of asRange ? rangeOf(choice.anchor, key, shown) : [key])
    if (isOn) keys.add(each);
    else keys.delete(each);
  return { keys, all: false, anchor: key };
}

/** After a press on the box above all rows: all that are on the screen, or none. */
export function pressedAll(choice: Choice, shown: readonly string[]): Choice {
  const isFull = shown.length > 0 && chosenOf(choice, shown).size === shown.length;
  return isFull ? NOTHING : { keys: new Set(shown), all: false, anchor: null };
}

/** Of the rows that are there: what has left the list is chosen no longer. */
export function chosenOf(choice: Choice, shown: readonly string[]): ReadonlySet<string> {
  return new Set(choice.all ? shown : shown.filter((key) => choice.keys.has(key)));
}

function rangeOf(anchor: string | null, key: string, shown: readonly string[]): readonly string[] {
  const [from, to] = [shown.indexOf(anchor ?? key), shown.indexOf(key)];
  return from === -1 ? [key] : shown.slice(Math.min(from, to), Math.max(from, to) + 1);
}
