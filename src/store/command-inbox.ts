import type { Instant } from "../core/clock.ts";

/**
 * What other processes want done, when the owner's socket does not answer or there is no owner. The only thing that a
 * process without the owner lock may write.
 */
export interface CommandInbox {
  /** Durable when it resolves. Answers with the command's number. */
  addCommand(command: NewCommand): Promise<number>;
  close(): Promise<void>;
}

/** Commands are delivered at least once: what must not happen twice carries its own id (a new run, say) in the payload. */
export interface NewCommand {
  readonly kind: string;
  /** The run it is about; `null`: none. */
  readonly runId: string | null;
  /** As the one who reads the kind understands it; JSON by custom. */
  readonly payload: string | null;
  readonly createdAt: Instant;
}

export interface CommandRecord extends NewCommand {
  readonly id: number;
}
