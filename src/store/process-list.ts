import type { Instant } from "../core/clock.ts";

/** What a run needs. */
export const WORK_ROLES = ["scheduler", "worker"] as const;

/** What a process may do for a store. */
export const PROCESS_ROLES = [...WORK_ROLES, "server"] as const;
export type ProcessRole = (typeof PROCESS_ROLES)[number];

/** A process that works on a store, as it tells the others about itself. */
export interface NewProcess {
  /** Unique among those that live. */
  readonly name: string;
  /** Tells two processes under one name apart. */
  readonly instance: string;
  readonly roles: readonly ProcessRole[];
  /** Of a worker: the queues it takes tasks from. */
  readonly queues: readonly string[];
  /** Of a worker: tasks at once. */
  readonly slots: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly host: string;
  readonly pid: number;
  /** Of tutti. */
  readonly release: string;
  readonly node: string;
  /** The version of its time-zone data, such as `2026a`. */
  readonly timeZones: string;
  /** How far its clock is ahead of the store's, in milliseconds; `null`: not measured yet. */
  readonly clockAheadMs: number | null;
}

export interface ProcessRecord extends NewProcess {
  readonly startedAt: Instant;
  /** Its lease has not ended. */
  readonly alive: boolean;
}

/** What a store answers to a process that tells about itself. */
export interface Heard {
  /** The store's clock: on PostgreSQL the server's. */
  readonly now: Instant;
  /** Which store this is. Another one than before: the address leads elsewhere now. */
  readonly store: string;
}

/** The processes of a store. They see each other here; what they hold is held by other leases. */
export interface ProcessList {
  /**
   * Records the process, or renews its lease. A name is free again when the lease under it has ended.
   * @throws TuttiError `PROCESS_NAME_TAKEN`
   */
  keep(process: NewProcess, leaseMs: number): Promise<Heard>;
  leave(process: Pick<NewProcess, "name" | "instance">): Promise<void>;
}
