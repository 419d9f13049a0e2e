import { createRequire } from "node:module";
import { join } from "node:path";
import { TuttiError } from "../core/errors.ts";
import { provideRRules, type RRuleLibrary } from "../core/schedule-rrule.ts";

const PACKAGE = "rrule-temporal";

/** For every process that reads rules: the library is an optional peer, and takes 10 ms, so it is loaded with the first rule. */
export const useRRuleLibrary = (): void =>
  provideRRules(() => loadRRules([import.meta.url, join(process.cwd(), "package.json")]));

/** From beside the first of these files that has it: this package, or else the project. @throws TuttiError `DRIVER_MISSING` */
export function loadRRules(besides: readonly string[]): RRuleLibrary {
  for (const file of besides) {
    try {
      return createRequire(file)(PACKAGE) as RRuleLibrary;
    } catch (error) {
      const { code, message } = error as { code?: string; message?: string };
      if (code !== "MODULE_NOT_FOUND" || message?.includes(`'${PACKAGE}'`) !== true) throw error;
    }
  }
  throw new TuttiError(
    "DRIVER_MISSING",
    `A recurrence rule needs the package "${PACKAGE}", which is not installed. Install it: npm install ${PACKAGE}`,
  );
}
