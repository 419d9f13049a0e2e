import { TuttiError } from "../core/errors.ts";

/** An error about what the user wrote. Its stack begins at the user's line: the frames of this folder say nothing to them. */
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

const FOLDER = `${import.meta.dirname}/`;

const isOurs = (frame: string): boolean => frame.includes(FOLDER) && !frame.includes(".test.ts");

function fromUsersLine(error: TuttiError, stack = ""): TuttiError {
  const frames = stack.split("\n").filter((line) => line.startsWith("    at "));
  const users = frames.slice(frames.findIndex((frame) => !isOurs(frame)));
  error.stack = [`${error.name}: ${error.message}`, ...users].join("\n");
  return error;
}
