import { accessContracts } from "../../api/access-contracts.ts";
import { TuttiError } from "../../core/errors.ts";
import { momentText } from "../../core/moment-text.ts";
import { hashPassword } from "../../owner/access/password.ts";
import { auditEntry } from "../../owner/audited-session.ts";
import type { UserRecord } from "../../store/access.ts";
import { on } from "../handler.ts";
import { PageCursor, sliced } from "../page-cursor.ts";
import type { ServerContext } from "../server-context.ts";

export const userRoutes = [
  on(accessContracts.users, async ({ query }, { reader }) => {
    const page = sliced(await reader.access.users(), query, new PageCursor("users", query));
    return { ...page, items: page.items.map(userDocument) };
  }),

  on(accessContracts.addUser, async ({ body, caller }, server) => {
    const { name, role, tags = null, password } = body;
    const hash = password === undefined ? null : await hashPassword(password);
    const session = await server.session();
    const { applied } = await session.administer(
      { kind: "create_user", name, role, tags, password: hash, at: server.clock.now() },
      auditEntry(caller.actor, "user.create", name, null, { role, tags }),
    );
    if (!applied) throw new TuttiError("USER_EXISTS", `There is a user "${name}" already.`);
    return userDocument(await one(name, server));
  }),

  on(accessContracts.changeUser, async ({ params, body, caller }, server) => {
    const before = await one(params.user, server);
    const { password, ...facts } = body;
    const { role, tags, disabled } = before;
    const session = await server.session();
    await session.administer(
      {
        kind: "change_user",
        name: before.name,
        ...facts,
        ...(password === undefined ? {} : { password: await hashPassword(password) }),
      },
      auditEntry(
        caller.actor,
        "user.change",
        before.name,
        { role, tags, disabled },
        { role, tags, disabled, ...facts, ...(password === undefined ? {} : { password: "changed" }) },
      ),
    );
    return userDocument(await one(before.name, server));
  }),

  on(accessContracts.removeUser, async ({ params, caller }, server) => {
    const { name, role, tags } = await one(params.user, server);
    const session = await server.session();
    await session.administer(
      { kind: "remove_user", name },
      auditEntry(caller.actor, "user.remove", name, { role, tags }, null),
    );
    return undefined;
  }),
];

async function one(name: string, { reader }: ServerContext): Promise<UserRecord> {
  const found = await reader.access.credential(name);
  if (found === null) throw new TuttiError("USER_NOT_FOUND", `There is no user "${name}".`);
  return found.user;
}

const userDocument = ({ name, role, tags, disabled, hasPassword, createdAt }: UserRecord) => ({
  name,
  role,
  tags: tags === null ? null : [...tags],
  disabled,
  hasPassword,
  createdAt: momentText(createdAt),
});
