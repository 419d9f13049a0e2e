import { useSyncExternalStore } from "react";

type Theme = "light" | "dark";

const KEY = "tutti-theme";
const listeners = new Set<() => void>();
const system = matchMedia("(prefers-color-scheme: dark)");

const chosen = (): Theme | null => {
  const kept = localStorage.getItem(KEY);
  return kept === "light" || kept === "dark" ? kept : null;
};

/** What is on the screen: what was chosen here, or else the system's. */
const shown = (): Theme => chosen() ?? (system.matches ? "dark" : "light");

export function applyTheme(): void {
  const theme = chosen();
  if (theme === null) delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}

export function turnTheme(): void {
  const other = shown() === "dark" ? "light" : "dark";
  const isSystems = other === (system.matches ? "dark" : "light");
  if (isSystems) localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, other);
  applyTheme();
  for (const listener of listeners) listener();
}

/** For what is drawn on a canvas, which takes no colours from a style sheet by itself. */
export const useTheme = (): Theme =>
  useSyncExternalStore((listener) => {
    listeners.add(listener);
    system.addEventListener("change", listener);
    return () => {
      listeners.delete(listener);
      system.removeEventListener("change", listener);
    };
  }, shown);
