import { colourOf, type State, STATES } from "../../words/state.ts";

/** The tokens that a canvas draws with. */
export interface Palette {
  readonly ink: string;
  readonly ink2: string;
  readonly ink3: string;
  readonly line2: string;
  readonly surface: string;
  readonly sunk: string;
  readonly marker: string;
  readonly add: string;
  readonly del: string;
  readonly sans: string;
  readonly states: Readonly<Record<State, string>>;
}

export function palette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string): string => style.getPropertyValue(name).trim();
  return {
    ink: token("--ink"),
    ink2: token("--ink-2"),
    ink3: token("--ink-3"),
    line2: token("--line-2"),
    surface: token("--surface"),
    sunk: token("--surface-sunk"),
    marker: token("--marker"),
    add: token("--diff-add"),
    del: token("--diff-del"),
    sans: token("--font-sans"),
    states: Object.fromEntries(STATES.map((state) => [state, token(colourOf(state))])) as Record<State, string>,
  };
}
