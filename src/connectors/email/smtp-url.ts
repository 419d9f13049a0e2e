import type { Connection } from "../../authoring/connection.ts";
import { TuttiError } from "../../core/errors.ts";

/** What a connection's URL says about a mail server. */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte. */
  readonly secure: boolean;
  /** `required`: no password and no mail without TLS. `offered`: where the server has it. `off`: never. */
  readonly tls: "required" | "offered" | "off";
  readonly auth: { readonly user: string; readonly pass: string } | null;
  /** Whom mails are from where nobody says it; `null`: nobody. */
  readonly from: string | null;
}

const SCHEMES = { "smtp:": { port: 587, secure: false }, "smtps:": { port: 465, secure: true } } as const;
const PARAMETERS: readonly string[] = ["from", "tls"];
const TLS: readonly string[] = ["required", "offered", "off"];
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * Reads `smtp://user:password@mail.example.com:587?from=Tutti <tutti@example.com>`.
 *
 * @throws TuttiError `CONNECTION_URL_REFUSED`; the URL itself stays out of the message.
 */
export function smtpServer(connection: Connection, text: string): SmtpServer {
  const url = URL.canParse(text) ? new URL(text) : null;
  const scheme = url === null ? undefined : SCHEMES[url.protocol as keyof typeof SCHEMES];
  if (url === null || scheme === undefined || url.hostname === "")
    throw refused(connection, 'it must look like "smtp://user:password@mail.example.com:587" or "smtps://…"');
  const unknown = [...url.searchParams.keys()].find((name) => !PARAMETERS.includes(name));
  if (unknown !== undefined)
    throw refused(connection, `"${unknown}" is not known behind its "?"; known are: ${PARAMETERS.join(", ")}`);
  const auth =
    url.username === "" ? null : { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) };
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? scheme.port : Number(url.port),
    secure: scheme.secure,
    tls: tlsOf(connection, url, auth !== null),
    auth,
    from: url.searchParams.get("from"),
  };
}

/** A password goes over the network encrypted, unless somebody says otherwise. */
function tlsOf(connection: Connection, url: URL, hasPassword: boolean): SmtpServer["tls"] {
  const said = url.searchParams.get("tls");
  if (said === null) return hasPassword && !LOOPBACK.test(url.hostname) ? "required" : "offered";
  if (!TLS.includes(said)) throw refused(connection, `"tls" is one of ${TLS.join(", ")}`);
  return said as SmtpServer["tls"];
}

const refused = (connection: Connection, why: string): TuttiError =>
  new TuttiError("CONNECTION_URL_REFUSED", `Connection "${connection.name}": of its URL, ${why}.`);
