import { useEffect, useRef } from "react";

type Act = (event: KeyboardEvent) => void;

const acts = new Map<string, Act[]>();

const isWriting = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && !target.matches(BOXES)));

/** What takes a press and no letters. */
const BOXES = "[type=checkbox], [type=radio]";

/** Enter on a button or a link is a press of it. */
const isPress = ({ key, target }: KeyboardEvent): boolean =>
  key === "Enter" && target instanceof HTMLElement && target.matches("a[href], button, summary");

/** Keys of the page. What was mounted last answers; nothing does while somebody is writing, or a dialog is open. */
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isWriting(event.target)) return;
  if (isPress(event)) return;
  if (document.querySelector("dialog[open]") !== null) return;
  const act = acts.get(event.key)?.at(-1);
  if (act === undefined) return;
  event.preventDefault();
  act(event);
});

/** Does `act` when the key is pressed, as long as the component is there. */
export function useShortcut(key: string | undefined, act: Act): void {
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    if (key === undefined) return;
    const own: Act = (event) => latest.current(event);
    acts.set(key, [...(acts.get(key) ?? []), own]);
    return () =>
      void acts.set(
        key,
        (acts.get(key) ?? []).filter((each) => each !== own),
      );
  }, [key]);
}
