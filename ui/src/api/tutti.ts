import { ApiError, TuttiClient } from "../../../src/client/index.ts";

export { ApiError };

/** This page's own server, asked with the cookie that the browser keeps. */
let client = new TuttiClient({ url: location.origin });

export const tutti = (): TuttiClient => client;

/** From now on every change carries the session's own word. */
export function carry(csrf: string | null): void {
  client = new TuttiClient({ url: location.origin, ...(csrf === null ? {} : { csrf }) });
}

export const isSignedOut = (error: unknown): boolean => error instanceof ApiError && error.status === 401;
