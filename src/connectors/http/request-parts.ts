import { requestRefused } from "./http-errors.ts";
import type { HttpBody, HttpCallOptions } from "./http-options.ts";

/** Where a path leads, seen from the connection's URL. @throws TuttiError `HTTP_REFUSED` for one that leaves it: a path often comes from data. */
export function placeOf(what: string, base: URL, path: string, query: NonNullable<HttpCallOptions["query"]>): URL {
  const folder = base.pathname.endsWith("/") ? base.pathname : `${base.pathname}/`;
  if (path.includes("\\") || /^[a-z][a-z0-9+.-]*:/i.test(path) || path.startsWith("//"))
    throw requestRefused(`${what}: write a path that is seen from the connection's URL, such as "/orders".`);
  const url = new URL(folder + path.replace(/^\//, ""), base.origin);
  if (url.origin !== base.origin || !`${url.pathname}/`.startsWith(folder) || leaves(url.pathname))
    throw requestRefused(`${what}: the path leaves the connection's URL.`);
  const own = new Set(url.searchParams.keys());
  for (const [key, value] of base.searchParams) if (!own.has(key)) url.searchParams.append(key, value);
  for (const [key, value] of Object.entries(query))
    for (const one of typeof value === "object" ? value : [value])
      if (one !== undefined) url.searchParams.append(key, String(one));
  return url;
}

/** Encoded dots and slashes, which some servers resolve after us. */
const leaves = (path: string): boolean => /%2f|%5c|(^|\/)(\.|%2e){2}(\/|$)/i.test(path);

/** Later ones win; names are compared without case. */
export function headersOf(
  what: string,
  parts: readonly Readonly<Record<string, string>>[],
): Readonly<Record<string, string>> {
  const headers = new Headers();
  for (const part of parts)
    for (const [name, value] of Object.entries(part))
      try {
        headers.set(name, value);
      } catch {
        // Fetch's own message holds the value, which may be a secret.
        throw requestRefused(`${what}: the header "${name.slice(0, 80)}" has a name or value that HTTP does not take.`);
      }
  return Object.fromEntries(headers);
}

export function encodeBody(body: HttpBody): {
  readonly type: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array<ArrayBuffer> | null;
} {
  if (body === null) return { type: {}, body: null };
  if (typeof body === "string") return { type: { "content-type": "text/plain;charset=UTF-8" }, body };
  if (body instanceof URLSearchParams)
    return { type: { "content-type": "application/x-www-form-urlencoded;charset=UTF-8" }, body: body.toString() };
  if (body instanceof Uint8Array)
    return { type: { "content-type": "application/octet-stream" }, body: new Uint8Array(body) };
  return { type: { "content-type": "application/json" }, body: JSON.stringify(body) };
}
