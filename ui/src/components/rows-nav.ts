import { useShortcut } from "./shortcuts.ts";

/** `j` and `k`: the next and the previous of some keys, and around their end. */
export function useRowKeys(keys: readonly string[], selected: string | null, select: (key: string) => void): void {
  const step = (by: number) => (): void => {
    if (keys.length === 0) return;
    const at = selected === null ? -1 : keys.indexOf(selected);
    select(keys[at === -1 ? (by > 0 ? 0 : keys.length - 1) : (at + by + keys.length) % keys.length]!);
  };
  useShortcut("j", step(1));
  useShortcut("k", step(-1));
}
