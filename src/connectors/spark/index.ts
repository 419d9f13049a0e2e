export { type FailedStage, SparkFailed, SparkLost, SparkMissing, SparkUnreachable } from "./spark-errors.ts";
export { type SparkJob, type SparkRun } from "./spark-job.ts";
export { sparkSubmit, type SparkSubmit } from "./spark-submit.ts";
