import { useEffect } from "react";

/** ⌘K, or Ctrl K: also while somebody is writing. */
export function JumpKey({ onJump }: { readonly onJump: () => void }) {
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== "k" || !(event.metaKey || event.ctrlKey) || event.altKey) return;
      event.preventDefault();
      onJump();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [onJump]);
  return null;
}
