import type { Config } from "../loader/config.ts";
import type { LoadProblem } from "./server-context.ts";

/** What the thread of a server begins with. */
export interface ServerData {
  readonly config: Config;
  readonly command: string;
}

export type ToServer =
  | { readonly kind: "problems"; readonly problems: readonly LoadProblem[] }
  | { readonly kind: "close" };

export type FromServer =
  | { readonly kind: "listening"; readonly url: string; readonly entry: string }
  | { readonly kind: "failed"; readonly code: string; readonly message: string }
  | { readonly kind: "notice"; readonly text: string };
