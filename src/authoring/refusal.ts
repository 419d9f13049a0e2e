import { fileURLToPath } from "node:url";
import { TuttiError } from "../core/errors.ts";
import { placeOf } from "../core/package-place.ts";

/** An error about what the user wrote. Its stack begins at the user's line: the frames of this package say nothing to them. */
export function refusal(code: string, message: string, options?: ErrorOptions): TuttiError {
  const error = new TuttiError(code, message, options);
  return fromUsersLine(error, error.stack);
}

/** Where something was placed, for an error that shows itself only when the whole graph is there. */
export interface Site {
  readonly stack?: string;
}

export function siteHere(): Site {
  const site: Site = {};
  Error.captureStackTrace(site);
  return site;
}

export function refusalAt(site: Site, code: string, message: string): TuttiError {
  return fromUsersLine(new TuttiError(code, message), site.stack);
}

/** What `check` gives; an error of ours from it is put down to `site`, where the user wrote what it is about. */
export function blaming<T>(site: Site, check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw error instanceof TuttiError ? fromUsersLine(error, site.stack) : error;
  }
}

const FOLDER = fileURLToPath(placeOf("./"));

const isUsers = (frame: string): boolean =>
  (!frame.includes(FOLDER) || frame.includes(".test.ts")) && !frame.includes("(<anonymous>)");

function fromUsersLine(error: TuttiError, stack = ""): TuttiError {
  const frames = stack.split("\n").filter((line) => line.startsWith("    at ") && isUsers(line));
  error.stack = [`${error.name}: ${error.message}`, ...frames].join("\n");
  return error;
}
