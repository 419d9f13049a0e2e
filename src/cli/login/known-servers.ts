import { chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { TuttiError } from "../../core/errors.ts";

type Known = Readonly<Record<string, { readonly token: string }>>;

/** Where this user's tokens are, by server: readable by nobody else. */
function place(): string {
  const { XDG_CONFIG_HOME: folder } = process.env;
  return join(folder || join(homedir(), ".config"), "tutti", "servers.json");
}

/** The token that was kept for a server; `null`: none was. @throws TuttiError `BAD_LOGIN_FILE` */
export const knownToken = async (server: string): Promise<string | null> => (await read())[server]?.token ?? null;

/** Keeps a token for a server; `null` forgets it. Answers whether there was one. */
export async function keepToken(server: string, token: string | null): Promise<boolean> {
  const { [server]: before, ...others } = await read();
  const path = place();
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const text = JSON.stringify(token === null ? others : { ...others, [server]: { token } }, null, 2);
  // Whole or not at all, whatever happens meanwhile.
  const made = `${path}.${process.pid}`;
  await writeFile(made, `${text}\n`, { mode: 0o600 });
  await chmod(made, 0o600);
  await rename(made, path);
  return before !== undefined;
}

async function read(): Promise<Known> {
  const path = place();
  try {
    return JSON.parse(await readFile(path, "utf8")) as Known;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw new TuttiError("BAD_LOGIN_FILE", `"${path}" can't be read: ${(error as Error).message} Mend or remove it.`, {
      cause: error,
    });
  }
}
