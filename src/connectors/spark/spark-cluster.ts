import type { JobSpec } from "./spark-job.ts";

/** An application on its way to a cluster: everything that is known before the cluster has given it an id. */
export interface Submission {
  /** Unique: by it the application is found again when we were stopped between handing it over and writing down its id. */
  readonly key: string;
  readonly spec: JobSpec;
  /** Where the driver's REST API is to listen. */
  readonly uiPort: number;
}

export type DriverState = "waiting" | "running" | "succeeded" | "failed" | "killed" | "gone";

export interface DriverStatus {
  /** `gone`: the cluster knows nothing of it. */
  readonly state: DriverState;
  /** What the cluster says beside it: an exit code, diagnostics. */
  readonly message: string;
  /** As Spark's pages show it; `null` while the cluster does not say. */
  readonly applicationId: string | null;
  /** Addresses under which its REST API may stand; none while that is not known. */
  readonly ui: readonly string[];
}

/** What asks a cluster, and for how long: `null` where our own task has been told to stop and the cluster must still be asked. */
export interface Asker {
  readonly signal: AbortSignal | null;
  /** Lines of a program that is run to submit. */
  readonly onLine: (line: string) => void;
}

/** A cluster manager that runs drivers itself, so that they outlive us: standalone, YARN, Kubernetes, each in its own file. */
export interface SparkCluster {
  /** Hands it over and gives its id. @throws SparkFailed when it is refused. SparkUnreachable. */
  submit(submission: Submission, asker: Asker): Promise<string>;
  /** The id of a submission that was perhaps handed over. `null`: it was not. */
  find(key: string, asker: Asker): Promise<string | null>;
  status(id: string, uiPort: number, asker: Asker): Promise<DriverStatus>;
  /** Asks the cluster to end it. Of one that has ended: does nothing. */
  kill(id: string, asker: Asker): Promise<void>;
  /** `fromEnd`: begins with the last lines only. */
  log(id: string, fromEnd: boolean): DriverLog;
}

/** A driver's output, read as it grows. What can't be read is left out: the log of a task must not fail it. */
export interface DriverLog {
  /** The lines that have come since the last call. `ended`: what is there is all there will be. */
  read(ended: boolean, signal: AbortSignal | null): Promise<readonly string[]>;
}
