import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ErrorData } from "../../core/errors.ts";
import { eachName, type SecretProvider } from "./secret-provider.ts";

/** A file for each secret, as containers are given them: `<folder>/<name>`, of a connection `<folder>/connections/<name>`. */
export const fileProvider = (folder: string): SecretProvider => ({
  name: `the folder "${folder}"`,
  read: (ask) =>
    eachName(
      ask,
      async (name) => {
        // One segment of a path: a name never leads out of the folder.
        if (!/^[\w-][\w.-]*$/.test(name)) return null;
        const file = ask.kind === "connection" ? join(folder, "connections", name) : join(folder, name);
        try {
          return (await readFile(file, "utf8")).replace(/\r?\n$/, "");
        } catch (error) {
          if (["ENOENT", "ENOTDIR"].includes((error as { code?: string }).code ?? "")) return null;
          throw error;
        }
      },
      (error) => unreadable(folder, error),
    ),
});

const unreadable = (folder: string, error: unknown): ErrorData => ({
  name: "SecretProviderFailed",
  code: "SECRET_PROVIDER_FAILED",
  message: `The folder of secrets "${folder}" can't be read: ${(error as { code?: string }).code ?? (error as Error).message}.`,
});
