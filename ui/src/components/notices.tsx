import { useSyncExternalStore } from "react";

export interface Notice {
  readonly id: number;
  readonly kind: "done" | "failed";
  readonly text: string;
  readonly code?: string | undefined;
}

let notices: readonly Notice[] = [];
let last = 0;
const listeners = new Set<() => void>();
const DONE_MS = 6_000;

function set(next: readonly Notice[]): void {
  notices = next;
  for (const listener of listeners) listener();
}

const drop = (id: number): void => set(notices.filter((each) => each.id !== id));

/** Says what came of an act. What went wrong stays until it is put away. */
export function tell(kind: Notice["kind"], text: string, code?: string): void {
  const id = ++last;
  set([...notices.slice(-2), { id, kind, text, code }]);
  if (kind === "done") setTimeout(() => drop(id), DONE_MS);
}

export function Notices() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => notices,
  );
  return (
    <div className="notices" role="status" aria-live="polite">
      {shown.map(({ id, kind, text, code }) => (
        <p key={id} className={kind}>
          <span className="wrap">{text}</span>
          {code !== undefined && <code>{code}</code>}
          <button type="button" className="link" onClick={() => drop(id)}>
            put away
          </button>
        </p>
      ))}
    </div>
  );
}
