import { connectionUrl } from "../../core/connection-variable.ts";
import { secretVariable } from "../../core/secret-variable.ts";
import { toErrorData } from "../../core/error-data.ts";
import type { Config } from "../../loader/config.ts";
import { eachName, type SecretProvider } from "./secret-provider.ts";

/** `TUTTI_SECRET_X` and `TUTTI_CONNECTION_X` of this process, and what the configuration says of connections. */
export const environmentProvider = (
  { connections }: Pick<Config, "connections">,
  env: NodeJS.ProcessEnv = process.env,
): SecretProvider => ({
  name: "the environment",
  read: (ask) =>
    eachName(
      ask,
      async (name) =>
        ask.kind === "connection" ? connectionUrl(connections, name) : (env[secretVariable(name)] ?? null),
      toErrorData,
    ),
});
