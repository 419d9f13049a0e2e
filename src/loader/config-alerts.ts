import { join } from "node:path";
import { bundleFile } from "./bundle.ts";
import type { Config } from "./config.ts";
import { writeBundle } from "./materialize.ts";
import { Refused } from "./refused.ts";

/** The code of a configuration, where a child process imports it. */
export interface ConfigCode {
  readonly hash: string;
  readonly file: string;
}

/** For lists, by place. What is neither notifier nor function is refused. The configuration crosses as data: of a function there is only what `describeValue` says. */
export function receiverNames(given: unknown): readonly string[] {
  if (given === undefined) return [];
  return (Array.isArray(given) ? (given as unknown[]) : [given]).map((one) => {
    if (isFunction(one)) return /"(.*)"$/.test(one) ? `function ${/"(.*)"$/.exec(one)![1]}` : "function";
    if (typeof one === "object" && one !== null && isFunction((one as { notify?: unknown }).notify)) {
      const { name } = one as { name?: unknown };
      return typeof name === "string" && name !== "" ? name : "notifier";
    }
    throw new Refused('must be a notifier such as slack("#ops"), a function, or a list of them');
  });
}

const isFunction = (value: unknown): value is string =>
  typeof value === "string" && /^(a function$|the function ")/.test(value);

/** The configuration's own code, on this machine's disk, where a child process finds its receivers. Made when it is first needed. */
export function configCode({
  configFile,
  root,
  stateDir,
}: Pick<Config, "configFile" | "root" | "stateDir">): () => Promise<ConfigCode> {
  let made: Promise<ConfigCode> | null = null;
  return () => {
    made ??= bundled(configFile!, root, stateDir);
    made.catch(() => (made = null));
    return made;
  };
}

async function bundled(configFile: string, root: string, stateDir: string): Promise<ConfigCode> {
  const result = await bundleFile(configFile, { projectDir: root });
  if (!result.ok) throw result.errors[0]!;
  const { hash, code, map } = result.bundle;
  return { hash, file: await writeBundle({ hash, code, map }, join(stateDir, "versions"), root) };
}
