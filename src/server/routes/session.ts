import { deleteCookie } from "hono/cookie";
import { accessContracts } from "../../api/access-contracts.ts";
import { TuttiError } from "../../core/errors.ts";
import { hashPassword, isPassword } from "../../owner/access/password.ts";
import { sameSecret } from "../../owner/access/secret.ts";
import { auditEntry } from "../../owner/audited-session.ts";
import { isLocal, localCookie, unauthenticated } from "../auth/identify.ts";
import { beginSession, setSessionCookie, tryOnce } from "../auth/session.ts";
import type { Caller } from "../caller.ts";
import { forbidden } from "../failure.ts";
import { on } from "../handler.ts";

export const sessionRoutes = [
  on(accessContracts.me, async ({ caller }) => meDocument(caller)),

  on(accessContracts.enter, async ({ query, http }, server) => {
    if (!isLocal(http) || !sameSecret(query.token, server.localToken))
      throw unauthenticated("This is not the token of this server. Take the address that it printed when it started.");
    setSessionCookie(http, localCookie(server), server);
    return http.redirect("/", 303);
  }),

  on(accessContracts.signIn, async ({ body, http }, server) => {
    const { name, password } = body;
    tryOnce(http, name, server);
    const found = await server.reader.access.credential(name);
    const right = await isPassword(password, found?.password ?? null);
    if (!right || found === null || found.user.disabled)
      throw new TuttiError("SIGN_IN_FAILED", "Name or password is wrong.");
    return meDocument(await beginSession(found.user, http, server));
  }),

  on(accessContracts.signOut, async ({ caller, http }, server) => {
    if (caller.session !== null) {
      const session = await server.session();
      await session.administer(
        { kind: "close_session", hash: caller.session },
        auditEntry(caller.actor, "session.close", caller.user ?? "", null, null),
      );
    }
    deleteCookie(http, server.cookie, { path: "/" });
    return undefined;
  }),

  on(accessContracts.setUp, async ({ body, http }, server) => {
    const { key, name, password } = body;
    tryOnce(http, "first admin", server);
    if (!sameSecret(key, server.setUpKey))
      throw new TuttiError("BAD_SETUP_KEY", "This is not the key that the server printed when it started.");
    if ((await server.reader.access.users()).length > 0)
      throw new TuttiError("SET_UP_DONE", "There are users already. Sign in.");
    const session = await server.session();
    const at = server.clock.now();
    const { applied } = await session.administer(
      { kind: "create_user", name, role: "admin", tags: null, password: await hashPassword(password), at },
      auditEntry("set-up", "user.create", name, null, { role: "admin" }),
    );
    const user = applied ? (await server.reader.access.credential(name))?.user : undefined;
    if (user === undefined) throw new TuttiError("SET_UP_DONE", "There are users already. Sign in.");
    return meDocument(await beginSession(user, http, server));
  }),

  on(accessContracts.changePassword, async ({ body, caller, http }, server) => {
    if (caller.user === null || caller.via !== "session")
      throw forbidden("Only a user who has signed in has a password to change.");
    tryOnce(http, caller.user, server);
    const found = await server.reader.access.credential(caller.user);
    if (!(await isPassword(body.old, found?.password ?? null)))
      throw new TuttiError("SIGN_IN_FAILED", "The old password is wrong.");
    const session = await server.session();
    await session.administer(
      { kind: "change_user", name: caller.user, password: await hashPassword(body.new) },
      auditEntry(caller.actor, "user.password", caller.user, null, null),
    );
    deleteCookie(http, server.cookie, { path: "/" });
    return undefined;
  }),
];

const meDocument = ({ actor, user, role, tags, csrf }: Caller) => ({
  actor,
  user,
  role,
  tags: tags === null ? null : [...tags],
  csrf,
});
