import { TuttiError } from "../core/errors.ts";
import { secretVariable } from "../core/secret-variable.ts";
import type { Attempt } from "./attempt.ts";

/** @throws TuttiError `SECRET_NOT_DECLARED`, `SECRET_NOT_FOUND`; why it can't be had: `SECRET_NOT_GRANTED`, `ENCRYPTION_KEY_MISSING`, … */
export async function secretFor(attempt: Attempt, name: string): Promise<string> {
  const task = attempt.version?.built.manifest.tasks[attempt.task.task];
  const declared = task?.secrets ?? [];
  if (!declared.includes(name)) {
    const has = declared.length === 0 ? "none" : declared.map((each) => `"${each}"`).join(", ");
    throw new TuttiError(
      "SECRET_NOT_DECLARED",
      `Task "${task?.name ?? ""}" asked for secret "${name}", which it does not declare; it has: ${has}. Add it to the task's "secrets".`,
    );
  }
  const value = await attempt.ports.secret(attempt, name);
  if (value !== null) return value;
  throw new TuttiError(
    "SECRET_NOT_FOUND",
    `There is no secret "${name}". Keep it with: tutti secrets set ${name}; or set ${secretVariable(name)} where the worker runs.`,
  );
}
