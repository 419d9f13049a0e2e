import type { ReactNode } from "react";
import type { MarkName } from "../words/state.ts";

interface MarkProps {
  readonly state: MarkName;
  readonly big?: boolean;
}

/** The mark of a state. Its word stands beside it, so readers are not told of it. */
export const Mark = ({ state, big = false }: MarkProps) => (
  <svg className={`mk ${state}${big ? " big" : ""}`} aria-hidden="true">
    <use href={`#m-${state}`} />
  </svg>
);

/** A mark with its word. */
export const StateWord = ({ state, children }: { readonly state: MarkName; readonly children?: ReactNode }) => (
  <span className={`st ${state}`}>
    <Mark state={state} />
    <span className="word">{children ?? state}</span>
  </span>
);
