import { didYouMean } from "../../authoring/nearest.ts";
import { TuttiError } from "../../core/errors.ts";

export const workflowNotRegistered = (workflow: string, known: readonly string[]): TuttiError =>
  new TuttiError(
    "WORKFLOW_NOT_REGISTERED",
    `Workflow "${workflow}" is not registered.${didYouMean(workflow, known)} What is in the pipeline files is registered by tutti start, on PostgreSQL by tutti deploy.`,
  );
