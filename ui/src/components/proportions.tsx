import { figure } from "../words/count-text.ts";
import { type State, STATES } from "../words/state.ts";

/** How many of something are in each state, as one line. */
export function Proportions({ counts }: { readonly counts: Partial<Record<State, number>> }) {
  const some = STATES.flatMap((state) => ((counts[state] ?? 0) > 0 ? [[state, counts[state]!] as const] : []));
  const words = some.map(([state, n]) => `${figure(n)} ${state}`).join(", ");
  if (some.length === 0) return <span className="faint">none yet</span>;
  return (
    <span className="prop" role="img" aria-label={words} title={words}>
      {some.map(([state, n]) => (
        <i key={state} className={state} style={{ flexGrow: n }} />
      ))}
    </span>
  );
}
