import { TuttiError } from "../../core/errors.ts";

/** What `tutti doctor` looks at, in this order. */
export const CHECKS = [
  "store",
  "rights",
  "schema",
  "clock",
  "wake-ups",
  "processes",
  "releases",
  "time zones",
  "clocks",
  "folders",
] as const;
export type CheckName = (typeof CHECKS)[number];

export type FindingState = "ok" | "warning" | "problem";

/** What was found at one of them. */
export interface Finding {
  readonly check: CheckName;
  readonly state: FindingState;
  /** Stable, as that of an error; `null`: nothing is wrong. */
  readonly code: string | null;
  readonly text: string;
}

export const fine = (check: CheckName, text: string): Finding => ({ check, state: "ok", code: null, text });
export const warning = (check: CheckName, code: string, text: string): Finding => ({
  check,
  state: "warning",
  code,
  text,
});
export const problem = (check: CheckName, code: string, text: string): Finding => ({
  check,
  state: "problem",
  code,
  text,
});

/** What a look found, or why it could not be had. */
export async function looked(check: CheckName, look: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof TuttiError) return [problem(check, error.code, error.message)];
    throw error;
  }
}
