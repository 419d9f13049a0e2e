import { TuttiError } from "../../core/errors.ts";

/** Where a server is reached. */
export interface ServerPlace {
  readonly host: string;
  readonly port: number;
  /** As users reach it, through a proxy say; `null`: as it listens. */
  readonly publicUrl: string | null;
}

const ANY = new Set(["0.0.0.0", "::", ""]);

export const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host) || host.startsWith("::ffff:127.");

const bracketed = (host: string): string => (host.includes(":") ? `[${host}]` : host);

/** The address to open. */
export const urlOf = ({ host, port, publicUrl }: ServerPlace): string =>
  publicUrl ?? `http://${bracketed(ANY.has(host) ? "localhost" : host)}:${port}`;

/** What `Host` and `Origin` may say: a page of another name that leads here, as by a rebound DNS name, gets nothing. */
export class Addresses {
  readonly #hosts: ReadonlySet<string>;
  readonly #origins: ReadonlySet<string>;
  /** Cookies go over TLS only. */
  readonly secure: boolean;

  constructor({ host, port, publicUrl }: ServerPlace) {
    const names = isLoopback(host)
      ? ["127.0.0.1", "localhost", "[::1]", bracketed(host)]
      : ANY.has(host)
        ? []
        : [bracketed(host)];
    const own = names.map((name) => `${name}:${port}`);
    const url = publicUrl === null ? null : new URL(publicUrl);
    this.#hosts = new Set([...own, ...(port === 80 ? names : []), ...(url === null ? [] : [url.host])]);
    this.#origins = new Set([
      ...[...this.#hosts].map((each) => `http://${each}`),
      ...(url === null ? [] : [url.origin]),
    ]);
    this.secure = url?.protocol === "https:";
  }

  /** @throws TuttiError `HOST_NOT_ALLOWED`, `ORIGIN_NOT_ALLOWED` */
  check(headers: Headers): void {
    const host = headers.get("host")?.toLowerCase() ?? "";
    if (!this.#hosts.has(host))
      throw new TuttiError(
        "HOST_NOT_ALLOWED",
        `This server is not "${host.slice(0, 100)}". Behind a proxy, say in the configuration how it is reached: publicUrl: "https://…"`,
      );
    const origin = headers.get("origin");
    if (origin !== null && !this.#origins.has(origin.toLowerCase()))
      throw new TuttiError("ORIGIN_NOT_ALLOWED", "A page of another site asked for this. It gets nothing here.");
  }
}
