import { createHmac } from "node:crypto";
import { sameSecret } from "../../owner/access/secret.ts";

/** A message as it came. */
export interface SignedMessage {
  readonly header: (name: string) => string | undefined;
  readonly body: string;
  /** In seconds. */
  readonly now: number;
}

/** `null`: it shows no signature of this kind. `right`: it is of the secret, and not too old. `id`: the sender's, the same when it is sent again. */
export type Signature = { readonly right: boolean; readonly id: string | null } | null;

/** How far the sender's clock may be from ours, and how long a message that was heard on its way is good. */
const TOLERANCE_S = 300;

/** How each kind of sender signs. */
export const SIGNATURES = {
  standard({ header, body, now }, secret) {
    const [id, at, signed] = [header("webhook-id"), header("webhook-timestamp"), header("webhook-signature")];
    if (id === undefined || at === undefined || signed === undefined) return null;
    const prefix = "whsec_";
    const key = secret.startsWith(prefix) ? Buffer.from(secret.slice(prefix.length), "base64") : secret;
    const own = `v1,${hmac(key, `${id}.${at}.${body}`, "base64")}`;
    // Several where the sender's secret is being changed.
    return { right: isFresh(at, now) && signed.split(" ").some((each) => sameSecret(each, own)), id };
  },

  github({ header, body }, secret) {
    const signed = header("x-hub-signature-256");
    if (signed === undefined) return null;
    const right = sameSecret(signed, `sha256=${hmac(secret, body, "hex")}`);
    return { right, id: header("x-github-delivery") ?? null };
  },

  stripe({ header, body, now }, secret) {
    const parts = header("stripe-signature")
      ?.split(",")
      .map((part) => part.trim().split("="));
    const at = parts?.find(([name]) => name === "t")?.[1];
    if (parts === undefined || at === undefined) return null;
    const own = hmac(secret, `${at}.${body}`, "hex");
    const right = parts.some(([name, value = ""]) => name === "v1" && sameSecret(value, own));
    return { right: right && isFresh(at, now), id: /"id"\s*:\s*"([\w-]{1,100})"/.exec(body)?.[1] ?? null };
  },
} as const satisfies Record<string, (message: SignedMessage, secret: string) => Signature>;

const hmac = (key: Buffer | string, text: string, form: "hex" | "base64"): string =>
  createHmac("sha256", key).update(text).digest(form);

const isFresh = (at: string, now: number): boolean =>
  /^\d{1,12}$/.test(at) && Math.abs(Number(at) - now) <= TOLERANCE_S;
