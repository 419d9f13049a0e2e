import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { delimiter, isAbsolute, join, resolve } from "node:path";
import { badCommand, CommandNotFound } from "./command-errors.ts";

/**
 * The absolute path of a program: a name is looked for in `PATH`, anything with a slash in it is a path seen from `cwd`.
 *
 * @throws CommandNotFound `COMMAND_NOT_FOUND` with the places that were searched.
 */
export async function findExecutable(
  name: string,
  { cwd, path = "" }: { readonly cwd: string; readonly path?: string | undefined },
): Promise<string> {
  if (typeof name !== "string" || name === "") throw badCommand("The name of a command is empty.");
  await checkFolder(cwd);
  if (name.includes("/") || isAbsolute(name)) {
    const file = resolve(cwd, name);
    const why = await whyNotExecutable(file);
    if (why !== null) throw new CommandNotFound(`The command "${name}" can't be run: "${file}" ${why}.`);
    return file;
  }
  // An empty part of PATH means the working directory, which nobody means.
  const folders = path.split(delimiter).filter((folder) => folder !== "");
  for (const folder of folders) {
    const file = join(resolve(cwd, folder), name);
    if ((await whyNotExecutable(file)) === null) return file;
  }
  throw new CommandNotFound(
    `The command "${name}" was not found in ${folders.join(delimiter) || "an empty PATH"}. Is it installed on this worker? A path such as "./${name}" is seen from "${cwd}".`,
  );
}

async function checkFolder(cwd: string): Promise<void> {
  const found = await stat(cwd).catch(() => null);
  if (found === null) throw new CommandNotFound(`The folder "${cwd}", in which the command should run, is not there.`);
  if (!found.isDirectory()) throw new CommandNotFound(`"${cwd}", in which the command should run, is no folder.`);
}

async function whyNotExecutable(file: string): Promise<string | null> {
  const found = await stat(file).catch(() => null);
  if (found === null) return "is not there";
  if (!found.isFile()) return "is no file";
  const may = await access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
  return may ? null : `may not be executed; make it so with chmod +x`;
}
