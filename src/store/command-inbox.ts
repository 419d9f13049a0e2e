import type { Instant } from "../core/clock.ts";

/**
 * What other processes want done, when the owner's socket does not answer or there is no owner. The only thing that a
 * process without the owner lock may write.
 */
export interface CommandInbox {
  /** Durable when it resolves. Answers with the command's number. */
  addCommand(command: NewCommand): Promise<number>;
  /** What has become of a command. */
  outcome(id: number): Promise<CommandOutcome>;
  close(): Promise<void>;
}

/** What other processes left, as whoever carries it out has it. */
export interface LeftCommands {
  /**
   * Oldest first. They stay until they are removed, so a crash in between delivers them again. `scheduler`: only those about runs
   * that no other living one holds, and no other one gets them while it lives.
   */
  pendingCommands(limit: number, scheduler?: number): Promise<readonly CommandRecord[]>;
  removeCommands(ids: readonly number[]): Promise<void>;
  /** It waits no longer, and whoever left it can read why. */
  refuseCommand(id: number, refusal: CommandRefusal): Promise<void>;
}

/** A refusal is kept for an hour after the command was left. */
export type CommandOutcome = "waits" | "carried out" | CommandRefusal;

/** Why it was not carried out, as an error of the engine. */
export interface CommandRefusal {
  /** Of a `TuttiError`; `null`: it was another error. */
  readonly code: string | null;
  readonly message: string;
}

/** How long whoever left a command may look for its refusal. */
export const REFUSAL_KEPT_US = 3_600_000_000;

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

/** By its row; `null`: it is gone. */
export const commandOutcome = (row: { readonly refusal: string | null } | null): CommandOutcome => {
  if (row === null) return "carried out";
  return row.refusal === null ? "waits" : (JSON.parse(row.refusal) as CommandRefusal);
};
