import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { TuttiError } from "../core/errors.ts";

/** An object store's URL, read. */
export interface StoreUrl {
  readonly scheme: "s3" | "gs" | "az" | "file";
  /** Of a `file:` URL: the folder, absolute. Of Azure's: the account. */
  readonly bucket: string;
  /** Of Azure's. */
  readonly container?: string;
  /** Empty, or with a slash at its end. */
  readonly prefix: string;
  /** What stands behind the `?`. */
  readonly settings: Readonly<Record<string, string | undefined>>;
  /** Without the settings, for messages. */
  readonly name: string;
}

/** What each kind takes behind the `?`. */
const SETTINGS = {
  s3: ["region", "endpoint", "access_key_id", "secret_access_key", "session_token"],
  gs: ["endpoint", "key_file", "project"],
  az: ["endpoint", "account_key"],
  file: [],
} as const satisfies Record<StoreUrl["scheme"], readonly string[]>;

/** Whether a place of artifacts is a store of objects, and not a folder's path. */
export const isStoreUrl = (text: string): boolean => /^[a-z][a-z0-9+.-]+:/i.test(text);

/**
 * Reads `s3://bucket/prefix?region=eu-central-1&endpoint=http://127.0.0.1:9000` or `file:./folder`, which is seen from `folder`.
 *
 * @throws TuttiError `CONNECTION_URL_REFUSED`; the URL stays out of it, as it may hold a key.
 */
export function parseStoreUrl(whose: string, text: string, folder: string = process.cwd()): StoreUrl {
  const [, scheme = "", rest = ""] = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(text) ?? [];
  const [path = "", query = ""] = rest.split(/\?(.*)/s);
  const kind = scheme.toLowerCase();
  if (!isKnown(kind)) throw refused(whose, `has the scheme "${kind}:"`);
  const settings = Object.fromEntries(new URLSearchParams(query));
  const unknown = Object.keys(settings).find((name) => !(SETTINGS[kind] as readonly string[]).includes(name));
  if (unknown !== undefined) throw refused(whose, `has a setting "${unknown}" that is not known`);
  if (kind === "file") {
    const bucket = path.startsWith("//") ? fileURLToPath(`file:${path}`) : resolve(folder, decodeURIComponent(path));
    return { scheme: kind, bucket, prefix: "", settings, name: `file:${bucket}` };
  }
  const [, bucket = "", inside = ""] = /^\/\/([^/@:]+)(?:\/(.*))?$/.exec(path) ?? [];
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/i.test(bucket)) throw refused(whose, "names no bucket");
  const inner = inside.replaceAll(/^\/+|\/+$/g, "");
  const [container = "", ...below] = kind === "az" ? inner.split("/") : ["", inner];
  if (kind === "az" && !/^[a-z0-9$][a-z0-9-]{2,62}$/.test(container)) throw refused(whose, "names no container");
  const prefix = below.join("/");
  if (prefix.split("/").some((part) => part === "." || part === "..")) throw refused(whose, "has dots in its prefix");
  return {
    scheme: kind,
    bucket,
    ...(kind === "az" ? { container } : {}),
    prefix: prefix === "" ? "" : `${prefix}/`,
    settings,
    name: `${kind}://${[bucket, container, prefix].filter((part) => part !== "").join("/")}`,
  };
}

const isKnown = (kind: string): kind is StoreUrl["scheme"] => Object.hasOwn(SETTINGS, kind);

const refused = (whose: string, why: string): TuttiError =>
  new TuttiError(
    "CONNECTION_URL_REFUSED",
    `${whose}: its URL ${why}. It looks like "s3://bucket/prefix?region=eu-central-1", "gs://bucket/prefix", "az://account/container/prefix" or "file:./folder". ${taken()}`,
  );

const taken = (): string =>
  Object.entries(SETTINGS)
    .filter(([, names]) => names.length > 0)
    .map(([kind, names]) => `${kind}: takes ${names.join(", ")}.`)
    .join(" ");
