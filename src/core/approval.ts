import type { Instant } from "./clock.ts";
import type { JsonSchema } from "./manifest.ts";

/** What follows when nobody has answered in time. */
export const APPROVAL_TIMEOUTS = ["reject", "approve", "fail"] as const;
export type ApprovalTimeout = (typeof APPROVAL_TIMEOUTS)[number];

/** A question that a task run waits for a person with. */
export interface ApprovalAsk {
  /** Of its task run, and of the question: `17-3f9a2c`. */
  readonly id: string;
  readonly title: string;
  readonly description: string | null;
  /** JSON Schema of what whoever approves fills in; `null`: nothing, or its library has none. */
  readonly form: JsonSchema | null;
  /** Whether there is a form at all. */
  readonly hasForm: boolean;
  /** Who may answer, by name or role; `null`: whoever may act on runs. */
  readonly by: readonly string[] | null;
  readonly askedAt: Instant;
  /** `null`: it waits as long as it takes. */
  readonly dueAt: Instant | null;
  readonly onTimeout: ApprovalTimeout;
}

/** An answer, as the event carries it. */
export interface ApprovalAnswer {
  readonly approval: string;
  readonly approved: boolean;
  /** As the audit log names them. */
  readonly by: string;
  readonly comment: string | null;
  /** What was filled in, as JSON. */
  readonly form: unknown;
  /** Of this answer and no other: who was first can tell. */
  readonly token: string;
}

/** Under one name: whoever waits is told of those that have its id. */
export const APPROVAL_EVENT = "approval";

/** The event of an answer is there once: who comes second finds it taken. */
export const approvalUid = (id: string): string => `approval ${id}`;
