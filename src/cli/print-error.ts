import { inspect } from "node:util";
import { TuttiError } from "../core/errors.ts";
import { LoadError } from "../loader/load-error.ts";
import type { Output } from "./output/output.ts";

/** One clear message. A stack only for what is our own mistake, or when `TUTTI_DEBUG=1` asks for it. */
export function printError(error: unknown, out: Output, json: boolean): void {
  // A switch for whoever looks for a mistake in Tutti itself; no setting.
  const debug = process.env["TUTTI_DEBUG"] === "1";
  if (json) out.json({ error: errorDocument(error) });
  if (!(error instanceof TuttiError)) {
    out.note(`error: ${error instanceof Error ? error.message : String(error)} [INTERNAL]`);
    out.note(
      debug ? inspect(error) : "This is a mistake in Tutti itself. TUTTI_DEBUG=1 shows where; please report it.",
    );
    return;
  }
  out.note(`error: ${error.message} [${error.code}]`);
  if (error instanceof LoadError && error.excerpt !== null) out.note(error.excerpt);
  if (debug) out.note(inspect(error));
}

function errorDocument(error: unknown): object {
  if (error instanceof LoadError) return error.toJSON();
  if (error instanceof TuttiError) return { code: error.code, message: error.message };
  return { code: "INTERNAL", message: error instanceof Error ? error.message : String(error) };
}
