import { APPROVAL_EVENT } from "../../../src/core/approval.ts";
import type { TaskRun } from "../api/runs.ts";

/** Whether it is a person that a task run waits for. */
export const isAsked = (waits: TaskRun["waits"]): boolean => waits?.events.includes(APPROVAL_EVENT) === true;
