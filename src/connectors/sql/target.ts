import type { Connection } from "../../authoring/connection.ts";
import { TuttiError } from "../../core/errors.ts";
import type { SqlDriver } from "./driver.ts";
import { driverFor } from "./drivers.ts";

/** Where a call goes: to the driver that the URL chooses, or to the object that a test put in its place. */
export type Target =
  | { readonly kind: "driver"; readonly driver: SqlDriver }
  | { readonly kind: "fake"; readonly fake: Readonly<Record<string, unknown>> };

export async function target(
  connection: Connection,
  open: (name: string, url: string) => Promise<SqlDriver> = driverFor,
): Promise<Target> {
  const given = connection.resolve();
  if (typeof given === "string") return { kind: "driver", driver: await open(connection.name, given) };
  if (typeof given === "object" && given !== null) return { kind: "fake", fake: given as Record<string, unknown> };
  throw new TuttiError(
    "CONNECTION_UNKNOWN",
    `Connection "${connection.name}" is not configured. Set TUTTI_CONNECTION_${variable(connection.name)}=duckdb:./${connection.name}.db, or name it under "connections" in tutti.config.ts.`,
  );
}

/** Calls a method of a test's fake as the user's code called the handle. */
export function callFake(
  connection: Connection,
  fake: Readonly<Record<string, unknown>>,
  method: string,
  args: readonly unknown[],
): unknown {
  const implementation = fake[method];
  if (typeof implementation !== "function") {
    throw new TuttiError(
      "FAKE_INCOMPLETE",
      `The test's fake for connection "${connection.name}" has no method "${method}", and the task called it. Give it one: { ${method}: async () => … }.`,
    );
  }
  return implementation.apply(fake, args);
}

const variable = (name: string): string => name.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_");
