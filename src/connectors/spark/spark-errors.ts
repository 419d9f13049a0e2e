import { TuttiError } from "../../core/errors.ts";

/** A stage that Spark gave up, as its REST API or the driver's log tells it. */
export interface FailedStage {
  readonly id: number;
  /** Where in the application it came from: `sum at daily.py:9`. */
  readonly name: string;
  /** Why, in Spark's words: the exception of the task that failed last. */
  readonly reason: string;
}

/** What is known of the application that an error is about. `null`: it never got so far. */
export interface SparkIds {
  /** `app-…`, `local-…`, `application_…`, `spark-…`: under which Spark's own pages show it. */
  readonly applicationId: string | null;
  /** What the cluster manager calls the driver; `null` when the driver ran beside the task. */
  readonly submissionId: string | null;
}

/** The application failed. When a stage did, `stage` says which, and the code is `SPARK_STAGE_FAILED`. */
export class SparkFailed extends TuttiError {
  readonly applicationId: string | null;
  readonly submissionId: string | null;
  readonly stage: FailedStage | null;

  constructor(ids: SparkIds, how: string, found: { readonly stage: FailedStage | null; readonly reason: string }) {
    const { stage } = found;
    const where = stage === null ? "" : ` in stage ${stage.id} (${stage.name})`;
    const reason = shown(stage?.reason ?? found.reason);
    super(
      stage === null ? "SPARK_FAILED" : "SPARK_STAGE_FAILED",
      `${nameOf(ids)} failed${where}: ${how}.${reason === "" ? "" : `\n${reason}`}`,
    );
    this.name = "SparkFailed";
    this.applicationId = ids.applicationId;
    this.submissionId = ids.submissionId;
    this.stage = stage;
  }
}

/** What speaks for the cluster does not answer, or refuses to. What was submitted may go on: another attempt finds it again. */
export class SparkUnreachable extends TuttiError {
  /** The request certainly did not arrive, so it had no effect. */
  readonly unsent: boolean;

  constructor(what: string, options: ErrorOptions & { readonly unsent?: boolean } = {}) {
    super("SPARK_UNREACHABLE", what, options);
    this.name = "SparkUnreachable";
    this.unsent = options.unsent ?? false;
  }
}

/** The cluster does not know what was submitted to it any more. */
export class SparkLost extends TuttiError {
  constructor(ids: SparkIds, why: string) {
    super("SPARK_LOST", `${nameOf(ids)} is lost: ${why}`);
    this.name = "SparkLost";
  }
}

/** Spark is not installed here. */
export class SparkMissing extends TuttiError {
  constructor(connection: string, cause: unknown) {
    super(
      "SPARK_NOT_FOUND",
      `Connection "${connection}" needs "spark-submit", which was not found: ${(cause as Error).message}\nInstall Spark on this worker (pip install pyspark brings all of it), or say where it is: …?spark_home=/opt/spark`,
      { cause },
    );
    this.name = "SparkMissing";
  }
}

/** An application that was described wrongly. */
export const badJob = (message: string): TuttiError => new TuttiError("BAD_SPARK_JOB", message);

export const nameOf = ({ applicationId, submissionId }: SparkIds): string => {
  const id = applicationId ?? submissionId;
  return id === null ? "The Spark application" : `Spark application "${id}"`;
};

const REASON_LENGTH = 4_000;
// The end says what happened, the beginning where: of a long chain of causes both are kept.
const shown = (reason: string): string =>
  reason.length <= REASON_LENGTH
    ? reason
    : `${reason.slice(0, REASON_LENGTH / 2)}\n…\n${reason.slice(-REASON_LENGTH / 2)}`;
