import { type LookupAddress, lookup as resolveName, type LookupOptions } from "node:dns";
import { request as plainRequest } from "node:http";
import { request as secureRequest } from "node:https";
import { isIP } from "node:net";
import { TuttiError } from "../../core/errors.ts";
import { isInner } from "./inner-address.ts";

export interface OutsideRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly limitMs: number;
  /** Hosts of one's own network that may be asked all the same, as they stand in the URL. */
  readonly innerHosts: readonly string[];
}

/**
 * Sends a message to an address that somebody typed, and answers with the status; nothing else of the answer is read. Nobody is led to this machine or its
 * network by it: the address is looked at after its name was resolved, in the connection that is then used, so a name that answers differently the
 * second time gains nothing; and no redirect is followed.
 *
 * @throws TuttiError `WEBHOOK_REFUSED`; Error when nobody answers
 */
export function outsideRequest({ url, headers, body, limitMs, innerHosts }: OutsideRequest): Promise<number> {
  const host = hostOf(url);
  const anywhere = innerHosts.includes(host);
  if (!anywhere && isIP(host) !== 0 && isInner(host)) throw refused(host, host);
  const send = url.protocol === "https:" ? secureRequest : plainRequest;
  const signal = AbortSignal.timeout(limitMs);
  return new Promise((resolve, reject) => {
    const request = send(
      url,
      {
        method: "POST",
        headers: { ...headers, "content-length": Buffer.byteLength(body) },
        // A connection of its own, and no proxy that the environment names: it would resolve the name once more.
        agent: false,
        signal,
        ...(anywhere ? {} : { lookup: outsideLookup }),
      },
      (answer) => {
        resolve(answer.statusCode ?? 0);
        answer.destroy();
      },
    );
    request.on("error", (error) => reject(signal.aborted ? timedOut(url, limitMs) : error));
    request.end(body);
  });
}

/** As URLs have it, without the brackets of IPv6. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, "$1");

type Resolved = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

/** As `dns.lookup`; a name of which any address is an inner one is refused whole. */
function outsideLookup(host: string, options: LookupOptions, done: Resolved): void {
  resolveName(host, { ...options, all: true }, (error, addresses) => {
    if (error) return done(error, []);
    const inner = addresses.find(({ address }) => isInner(address));
    if (inner !== undefined) return done(refused(host, inner.address), []);
    if (options.all === true) return done(null, addresses);
    const [first] = addresses;
    done(null, first?.address ?? "", first?.family);
  });
}

const refused = (host: string, address: string): TuttiError =>
  new TuttiError(
    "WEBHOOK_REFUSED",
    `"${host}" leads into this machine's own network${host === address ? "" : ` (${address})`}. To let webhooks go there, name it in tutti.config.ts of schedulers and servers: webhookHosts: ["${host}"]`,
  );

const timedOut = ({ host }: URL, limitMs: number): TuttiError =>
  new TuttiError("WEBHOOK_TIMED_OUT", `"${host}" did not answer within ${limitMs / 1000} s.`);
