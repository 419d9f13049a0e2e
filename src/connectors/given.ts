import type { Connection } from "../authoring/connection.ts";
import { connectionVariable } from "../core/connection-variable.ts";
import { TuttiError } from "../core/errors.ts";

/** What a connection turned out to be: a URL, or the object that a test put in its place. */
export type Given =
  | { readonly kind: "url"; readonly url: string }
  | { readonly kind: "fake"; readonly call: <R>(method: string, args: readonly unknown[]) => R };

/** @throws TuttiError `CONNECTION_UNKNOWN` when the configuration says nothing; `FAKE_INCOMPLETE` for a fake without the method that is called. */
export function given(connection: Connection): Given {
  const found = connection.resolve();
  if (typeof found === "string") return { kind: "url", url: found };
  if (typeof found !== "object" || found === null)
    throw new TuttiError(
      "CONNECTION_UNKNOWN",
      `Connection "${connection.name}" is not configured. Set ${connectionVariable(connection.name)}, or name it under "connections" in tutti.config.ts.`,
    );
  const fake = found as Readonly<Record<string, unknown>>;
  return {
    kind: "fake",
    call: <R>(method: string, args: readonly unknown[]): R => {
      const implementation = fake[method];
      if (typeof implementation !== "function")
        throw new TuttiError(
          "FAKE_INCOMPLETE",
          `The test's fake for connection "${connection.name}" has no method "${method}", and the task called it. Give it one: { ${method}: async () => … }.`,
        );
      return implementation.apply(fake, args) as R;
    },
  };
}
