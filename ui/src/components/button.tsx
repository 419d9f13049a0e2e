import { useEffect, useRef, type ReactNode } from "react";
import { useShortcut } from "./shortcuts.ts";

interface ButtonProps {
  readonly children: ReactNode;
  readonly onPress: () => void;
  /** The one that is likely to help: one a page. */
  readonly go?: boolean;
  readonly small?: boolean;
  readonly bare?: boolean;
  /** The key that presses it, shown inside. */
  readonly shortcut?: string;
  /** Why it can't be pressed now; `null` and absent: it can. */
  readonly refusal?: string | null;
  readonly busy?: boolean;
  readonly label?: string;
  readonly focused?: boolean;
}

/** Something that is done. A key is shown in it, and says why it can't be pressed rather than being gone. */
export function Button({
  children,
  onPress,
  go,
  small,
  bare,
  shortcut,
  refusal = null,
  busy = false,
  label,
  focused,
}: ButtonProps) {
  const off = refusal !== null || busy;
  const press = (): void => (off ? undefined : onPress());
  const element = useRef<HTMLButtonElement>(null);
  useShortcut(shortcut, press);
  useEffect(() => {
    if (focused === true) element.current?.focus();
  }, [focused]);
  return (
    <button
      ref={element}
      type="button"
      className={["btn", go && "go", small && "small", bare && "bare"].filter(Boolean).join(" ")}
      aria-disabled={off || undefined}
      aria-busy={busy || undefined}
      aria-label={label}
      title={refusal ?? undefined}
      onClick={press}
    >
      {children}
      {shortcut !== undefined && <kbd aria-hidden="true">{shortcut}</kbd>}
    </button>
  );
}
