import { loadConfig } from "../loader/config.ts";
import type { AnyConfig } from "../owner/any-place.ts";
import type { CommandContext } from "./command.ts";

/** What a command works with: the project's configuration, or a server that was named instead of a store. */
export async function configOf({ cwd, server }: Pick<CommandContext, "cwd" | "server">): Promise<AnyConfig> {
  if (server === null) return loadConfig({ cwd });
  const { resolveConfig } = await import("../loader/config.ts");
  const { serverToken } = await import("./login/server-token.ts");
  // Nothing of the project counts but where it is: its files may be another version than what runs there.
  const config = resolveConfig({ root: cwd, configFile: null, written: {}, env: {}, cwd, flags: {} });
  return { ...config, store: { kind: "server", url: server, token: await serverToken(server, cwd) } };
}
