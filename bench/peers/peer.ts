/** What a system is measured with: its concurrency and what else its manual says makes it fast. */
export type Setting = Readonly<Record<string, number | boolean | string>>;

/** What a system is given for one visit. Everything of it is fresh. */
export interface Ground {
  readonly folder: string;
  readonly setting: Setting;
  /** An empty database of a PostgreSQL whose commits wait for the disk. */
  readonly postgresUrl: string;
  /** An empty Redis for either policy of its append-only file, by policy. */
  readonly redisPorts: Readonly<Record<string, number>>;
}

/** A system that is up. Every workload answers with milliseconds. */
export interface Peer {
  /** One run of `length` tasks, one after the other. */
  chain(length: number): Promise<number>;
  /** One run of `width` tasks side by side, and one that waits for all of them. */
  fanOut(width: number): Promise<number>;
  /** Many runs at once, each a chain. */
  runs(count: number, length: number): Promise<number>;
  /** From the call that triggers to the first line of the task's code, with nothing else going on. */
  idle(): Promise<number>;
  teardown(): Promise<void>;
}

/** One row of the table. What is said here of a system is printed below it. */
export interface Contestant {
  readonly title: string;
  /** Of what is measured, without what stores its data. */
  readonly version: () => string;
  readonly needs: readonly ("postgres" | "redis")[];
  /** What its acknowledged writes have reached. */
  readonly durability: string;
  /** Where a task's code runs, seen from what schedules it. */
  readonly tasksRun: string;
  readonly crashLoses: string;
  /** How the workloads are put into its terms. */
  readonly how: string;
  /** Why it is ahead of Tutti where it is. */
  readonly aheadBecause: string;
  /** Each of them is tried, and the best is shown for each workload. The first is what `--quick` takes. */
  readonly sweep: readonly Setting[];
  setup(ground: Ground): Promise<Peer>;
}
