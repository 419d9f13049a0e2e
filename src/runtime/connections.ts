import { setConnectionResolver, setTaskSignal } from "../authoring/connection.ts";
import { connectionVariable } from "../core/connection-variable.ts";
import { TuttiError } from "../core/errors.ts";
import { currentAttempt } from "./current-attempt.ts";

/** Makes `connection.resolve()` answer for the task that asks, and only what that task was granted. */
export function grantConnections(): void {
  setConnectionResolver(resolve);
  setTaskSignal(() => currentAttempt.getStore()?.signal ?? null);
}

function resolve(name: string): unknown {
  const attempt = currentAttempt.getStore();
  const version = attempt?.version;
  if (!attempt || !version)
    throw new TuttiError(
      "CONNECTION_UNAVAILABLE",
      `Connection "${name}" was used outside a task. Use it inside a task's body: module level only declares it.`,
    );
  const task = version.built.manifest.tasks[attempt.task.task];
  const granted = task?.connections ?? version.built.manifest.connections;
  if (!granted.includes(name) || !version.built.manifest.connections.includes(name))
    throw notDeclared(name, task?.name ?? "", granted, task?.connections !== null);
  if (Object.hasOwn(version.connections, name)) return version.connections[name];
  throw new TuttiError(
    "CONNECTION_NOT_CONFIGURED",
    `Connection "${name}" is not configured. Set ${connectionVariable(name)}, or "connections" in tutti.config.ts, e.g. to duckdb:./${name}.db.`,
  );
}

function notDeclared(name: string, task: string, granted: readonly string[], narrowed: boolean): TuttiError {
  const has = granted.length === 0 ? "none" : granted.map((each) => `"${each}"`).join(", ");
  const remedy = narrowed
    ? `Add it to the task's "connections".`
    : "Make its handle at the file's module level, not inside a task.";
  return new TuttiError(
    "CONNECTION_NOT_DECLARED",
    `Task "${task}" used connection "${name}", which it does not declare; it has: ${has}. ${remedy}`,
  );
}
