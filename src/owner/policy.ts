import { TuttiError } from "../core/errors.ts";

/** Something that somebody wants to change. */
export interface PolicyQuestion {
  /** `cli:ada`, `user:ada`, `token:7`. */
  readonly actor: string;
  /** As in the audit log: `run.cancel`, `pool.resize`. */
  readonly action: string;
  /** What it is about: a run's id, the name of a workflow or a pool. */
  readonly target: string;
}

/** Who may do what. Every change that somebody asks for passes it before it is begun. */
export interface Policy {
  /** Why it may not be done, as a sentence; `null`: it may. */
  refusal(question: PolicyQuestion): Promise<string | null> | string | null;
}

/** Whoever can run the command may do it: the server has asked before whether its caller may. */
export const ALLOW_ALL: Policy = { refusal: () => null };

/** @throws TuttiError `NOT_ALLOWED` */
export async function pass(policy: Policy, question: PolicyQuestion): Promise<void> {
  const refusal = await policy.refusal(question);
  if (refusal !== null)
    throw new TuttiError(
      "NOT_ALLOWED",
      `"${question.actor}" may not do "${question.action}" to "${question.target}": ${refusal}`,
    );
}
