import type { Config } from "../loader/config.ts";
import type { LoadError } from "../loader/load-error.ts";
import type { Staying } from "../owner/stay.ts";
import type { Serving } from "../server/serve.ts";
import { ServerThread } from "../server/server-thread.ts";
import type { CommandContext } from "./command.ts";
import type { Output } from "./output/output.ts";

/** What is wrong with pipeline files, for a server that may not be there yet. */
export class Problems {
  #found: readonly LoadError[] = [];
  #server: Serving | null = null;

  set(found: readonly LoadError[]): void {
    this.#found = found;
    this.#server?.setLoadProblems(found.map((error) => error.toJSON()));
  }

  show(server: Serving): void {
    this.#server = server;
    if (this.#found.length > 0) this.set(this.#found);
  }
}

/** The API of a process that stays. When it can't begin, the process ends again. @throws TuttiError as `serve` */
export async function serveBeside(
  staying: Staying,
  config: Config,
  { out, typed }: CommandContext,
  problems: Problems,
): Promise<Serving> {
  try {
    const server = await ServerThread.start({ config, command: typed, notice: (text) => out.note(text) });
    problems.show(server);
    return server;
  } catch (error) {
    await staying.close(0);
    throw error;
  }
}

/** Nobody is served by a process that is ending. */
export const withServer = (staying: Staying, server: Serving): Staying => ({
  name: staying.name,
  slots: staying.slots,
  failed: staying.failed,
  async close(graceMs) {
    // At once, or a task begins that is then waited for.
    await Promise.all([staying.close(graceMs), server.close()]);
  },
});

export const printServer = (out: Output, { entry }: Serving): void => out.line(`Open ${out.style("bold", entry)}`);

/** `open` lets its reader in. */
export const serverDocument = ({ url, entry }: Serving): object => ({ url, open: entry });
