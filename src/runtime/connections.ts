import { setConnectionResolver, setTaskSignal } from "../authoring/connection.ts";
import { connectionVariable } from "../core/connection-variable.ts";
import { TuttiError } from "../core/errors.ts";
import { currentTelling, type Telling } from "./alert-call.ts";
import { ConnectionProblem } from "./connection-problem.ts";
import { currentAttempt } from "./current-attempt.ts";
import { currentTrigger } from "./current-trigger.ts";

/** Makes `connection.resolve()` answer for the task that asks, and only what that task was granted. */
export function grantConnections(): void {
  setConnectionResolver(resolve);
  setTaskSignal(
    () => (currentAttempt.getStore() ?? currentTelling.getStore() ?? currentTrigger.getStore())?.signal ?? null,
  );
}

function resolve(name: string): unknown {
  const telling = currentTelling.getStore();
  if (telling) return resolveFor(telling, name);
  const attempt = currentAttempt.getStore();
  const version = attempt?.version ?? currentTrigger.getStore()?.version;
  if (!version)
    throw new TuttiError(
      "CONNECTION_UNAVAILABLE",
      `Connection "${name}" was used outside a task. Use it inside a task's body: module level only declares it.`,
    );
  const task = attempt && version.built.manifest.tasks[attempt.task.task];
  const granted = task?.connections ?? version.built.manifest.connections;
  if (!granted.includes(name) || !version.built.manifest.connections.includes(name))
    throw notDeclared(
      name,
      task ? `Task "${task.name}"` : "A trigger",
      granted,
      task !== undefined && task.connections !== null,
    );
  return have(version.connections, name);
}

/** For a receiver of alerts. */
function resolveFor({ who, declared, connections }: Telling, name: string): unknown {
  if (!declared.includes(name)) throw new TuttiError("CONNECTION_NOT_DECLARED", notDeclaredFor(who, name));
  return have(connections, name);
}

function have(connections: Readonly<Record<string, unknown>>, name: string): unknown {
  if (!Object.hasOwn(connections, name)) throw notConfigured(name);
  const found = connections[name];
  if (found instanceof ConnectionProblem) throw found.toError();
  return found;
}

const notDeclaredFor = (who: string, name: string): string =>
  `${who} used connection "${name}", which its file does not declare. Make its handle at the file's module level, not inside a function.`;

const notConfigured = (name: string): TuttiError =>
  new TuttiError(
    "CONNECTION_NOT_CONFIGURED",
    `Connection "${name}" is not configured. Keep it with: tutti connections set ${name}; or set ${connectionVariable(name)}, or "connections" in tutti.config.ts, e.g. to duckdb:./${name}.db.`,
  );

function notDeclared(name: string, who: string, granted: readonly string[], narrowed: boolean): TuttiError {
  const has = granted.length === 0 ? "none" : granted.map((each) => `"${each}"`).join(", ");
  const remedy = narrowed
    ? `Add it to the task's "connections".`
    : "Make its handle at the file's module level, not inside a task.";
  return new TuttiError(
    "CONNECTION_NOT_DECLARED",
    `${who} used connection "${name}", which it does not declare; it has: ${has}. ${remedy}`,
  );
}
