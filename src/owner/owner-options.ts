import type { Config } from "../loader/config.ts";

/** How a way to get work done on a store is opened. */
export interface OwnerOptions {
  readonly config: Config;
  /** What the user typed, for whoever finds the store owned. */
  readonly command: string;
  /** Who is at it, for the audit log: `cli:ada`. Default: nothing is written there. */
  readonly actor?: string;
  /** Something went wrong that stops nothing: a sentence for the terminal. */
  readonly notice: (text: string) => void;
  /** On PostgreSQL: the work is done in this process, too. Default: false. */
  readonly here?: boolean;
  /** Tasks at once. Default: as the configuration says. */
  readonly slots?: number | undefined;
  /** The store refuses for good. Default: whoever waits for a run is told. */
  readonly onFatal?: (error: unknown) => void;
  /** It stays, and registers what is deployed. Default: it is there for one command, and works with the code as it stands here. */
  readonly stays?: boolean;
  /** `false`: runs no tasks and serves nobody, as for a moment of writing. Default: true. */
  readonly serves?: boolean;
}
