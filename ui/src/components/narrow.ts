import { useSyncExternalStore } from "react";

const matching = (query: string): (() => boolean) => {
  const list = matchMedia(query);
  const listen = (listener: () => void): (() => void) => {
    list.addEventListener("change", listener);
    return () => list.removeEventListener("change", listener);
  };
  return () => useSyncExternalStore(listen, () => list.matches);
};

/** Whether this is as narrow as a phone. */
export const useNarrow = matching("(max-width: 760px)");

/** Whether there is room for two things side by side. */
export const useSpacious = matching("(min-width: 1800px)");
