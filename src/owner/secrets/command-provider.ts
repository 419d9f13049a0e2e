import { execFile } from "node:child_process";
import type { ErrorData } from "../../core/errors.ts";
import { eachName, type SecretProvider } from "./secret-provider.ts";

const LIMIT_MS = 10_000;
const MOST_BYTES = 256 * 1024;

/** A program that knows: `{name}` and `{kind}` stand for what is asked, what it prints is the value, and nothing printed means it has none. Without a shell. */
export const commandProvider = (command: readonly string[]): SecretProvider => ({
  name: `the command "${command[0]}"`,
  read: (ask) =>
    eachName(
      ask,
      (name) => run(command.map((part) => part.replaceAll("{name}", name).replaceAll("{kind}", ask.kind))),
      (error) => failed(command[0]!, error),
    ),
});

function run([program, ...args]: readonly string[]): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const options = { timeout: LIMIT_MS, maxBuffer: MOST_BYTES, encoding: "utf8", windowsHide: true } as const;
    execFile(program!, args, options, (error, stdout) => {
      const value = stdout.replace(/\r?\n$/, "");
      if (error) reject(error);
      else resolve(value === "" ? null : value);
    });
  });
}

/** What it printed is not told: it may be the secret. */
function failed(program: string, error: unknown): ErrorData {
  const { code, killed } = error as { code?: string | number; killed?: boolean };
  const how =
    killed === true
      ? `took more than ${LIMIT_MS / 1000} s`
      : code === "ENOENT"
        ? "is not there"
        : `ended with ${code ?? "an error"}`;
  return {
    name: "SecretProviderFailed",
    code: "SECRET_PROVIDER_FAILED",
    message: `The command for secrets, "${program}", ${how}.`,
  };
}
