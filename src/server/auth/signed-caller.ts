import type { Context } from "hono";
import { TuttiError } from "../../core/errors.ts";
import type { Caller } from "../caller.ts";
import type { ServerContext } from "../server-context.ts";
import { remoteAddress, unauthenticated } from "./identify.ts";
import { SIGNATURES } from "./webhook-signature.ts";

/** Whoever says that an event has happened, and shows by a signature that he may. */
export interface SignedCaller extends Caller {
  /** The sender's number of the message, the same when it is sent again. */
  readonly delivery: string | null;
}

/**
 * Of an event that the configuration lets a webhook say. `null`: it is none of these, or nothing is signed, and who asks must show something else.
 *
 * @throws TuttiError `UNAUTHENTICATED` for a signature that is wrong or too old; `RATE_LIMITED`
 */
export async function signedCaller(http: Context, server: ServerContext): Promise<SignedCaller | null> {
  const event = http.req.param("event") ?? "";
  const hook = Object.hasOwn(server.webhooks, event) ? server.webhooks[event] : undefined;
  if (hook === undefined) return null;
  const waitS = server.limits.take(`webhook ${remoteAddress(http) ?? ""}`);
  if (waitS > 0) throw new TuttiError("RATE_LIMITED", `Too many requests. Try again in ${waitS} s.`);
  const secret = await server.secret(hook.secret);
  const message = {
    header: (name: string) => http.req.header(name),
    body: await http.req.text(),
    now: server.clock.now() / 1_000_000,
  };
  const signature = SIGNATURES[hook.scheme](message, secret ?? "");
  if (signature === null) return null;
  if (secret === null) {
    server.notice(`A webhook for event "${event}" came, and there is no secret "${hook.secret}" to check it with.`);
    throw unauthenticated("This server can't check the signature now.");
  }
  if (!signature.right) throw unauthenticated("The signature is wrong, or older than five minutes.");
  return {
    actor: `webhook:${event}`,
    user: null,
    role: "operator",
    tags: null,
    via: "token",
    csrf: null,
    session: null,
    delivery: signature.id,
  };
}
