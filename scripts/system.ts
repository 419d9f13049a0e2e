/**
 * How to add a system to `npm run test:systems`: one file, `scripts/systems/<name>.ts`, that exports `system`, made with the type below. There is no
 * list to add it to: the folder is the list. What its `start` answers reaches the tests as `started("<name>")` of `test/systems/started.ts`, and the
 * tests stand in `test/systems/<name>*.test.ts`.
 *
 * `install` and `start` are given a folder of their own under `.tmp/systems/` that outlives them: what is in place already is not fetched or built
 * again. They have a time limit each, after which `signal` aborts; pass it on. `runToEnd` and `startServer` of `scripts/system-process.ts` do.
 * A system that can't be had here (no toolchain, no package) throws a sentence that says what is missing: it is listed, and the others go on.
 */
export interface System {
  /** What is started, for the list: "SeaweedFS, an S3 server". */
  readonly title: string;
  /** Seconds, for a machine that has nothing yet. */
  readonly limits: { readonly install: number; readonly start: number };
  /** Fetches and builds what is not in the folder yet. */
  install(at: Place): Promise<void>;
  start(at: Place): Promise<RunningSystem>;
}

export interface Place {
  /** Absolute, and there. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

export interface RunningSystem {
  /** What a test needs to reach it: addresses, names, passwords, paths. */
  readonly reach: Readonly<Record<string, string>>;
  /** Ends every process that was started. Called once, also after failed tests and Ctrl-C. */
  stop(): Promise<void>;
}
