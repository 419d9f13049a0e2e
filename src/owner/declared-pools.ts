import type { Config } from "../loader/config.ts";
import type { DeclaredPool } from "../store/limits.ts";

/** The pools that the configuration declares, by name. */
export const poolsOf = ({ pools }: Pick<Config, "pools">): readonly DeclaredPool[] =>
  Object.entries(pools)
    .map(([name, slots]) => ({ name, slots }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
