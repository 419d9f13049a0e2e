import type { Config } from "../loader/config.ts";
import type { StorePlace } from "../loader/config-store.ts";

/** A server that is asked instead of a store. */
export interface ServerPlace {
  readonly kind: "server";
  readonly url: string;
  /** `null`: none is known, and the server says what it needs. */
  readonly token: string | null;
}

/** Where work is got done: a store, or the server of one. */
export type AnyPlace = StorePlace | ServerPlace;

export type AnyConfig = Omit<Config, "store"> & { readonly store: AnyPlace };

/** Whether work is got done on a store that is reached from here. */
export const isHere = (config: AnyConfig): config is Config => config.store.kind !== "server";
