import { Type } from "typebox";
import { contract } from "./contract.ts";
import { AccountName, Flag, Json, Moment, orNull, PAGE, pageOf, record, RoleName, Tags, Text } from "./schema.ts";

const Password = Type.String({ minLength: 10, maxLength: 1000 });

/** Who asks, and what he may. */
const Me = record({
  actor: Type.String(),
  user: orNull(Type.String()),
  role: RoleName,
  tags: Tags,
  csrf: orNull(Type.String({ description: "With a cookie, every change needs it in the header `x-tutti-csrf`" })),
});

const User = record({
  name: Type.String(),
  role: RoleName,
  tags: Tags,
  disabled: Flag,
  hasPassword: Flag,
  createdAt: Moment,
});

const Token = record({
  id: Type.Integer(),
  name: Type.String(),
  user: orNull(Type.String()),
  role: RoleName,
  tags: Tags,
  createdBy: Type.String(),
  createdAt: Moment,
  expiresAt: orNull(Moment),
  lastUsedAt: orNull(Moment),
  revokedAt: orNull(Moment),
});

const AuditLine = record({
  id: Type.Integer(),
  at: Moment,
  actor: Type.String(),
  action: Type.String(),
  target: Type.String(),
  before: Json,
  after: Json,
});

export const accessContracts = {
  signIn: contract({
    method: "post",
    path: "/api/session",
    summary: "Sign in: a cookie for browsers",
    role: "nobody",
    body: record({ name: Text(100), password: Text(1000) }),
    response: Me,
  }),
  enter: contract({
    method: "get",
    path: "/auth",
    summary: "Let a browser of this machine in, with the token that the server printed",
    role: "nobody",
    query: record({ token: Text(200) }),
    response: null,
    status: 303,
  }),
  ways: contract({
    method: "get",
    path: "/api/session/ways",
    summary: "How one can sign in here",
    role: "nobody",
    response: record({ password: Flag, oidc: orNull(record({ label: Type.String(), url: Type.String() })) }),
  }),
  oidcBegin: contract({
    method: "get",
    path: "/auth/oidc",
    summary: "Sign in with the OpenID Connect provider: leads a browser there",
    role: "nobody",
    response: null,
    status: 303,
  }),
  oidcEnd: contract({
    method: "get",
    path: "/auth/oidc/callback",
    summary: "Where the provider leads the browser back to",
    role: "nobody",
    // What providers are known to send along; all of it but the first four is passed over.
    query: record(
      Object.fromEntries(
        [
          "code",
          "state",
          "error",
          "iss",
          "error_description",
          "error_uri",
          "session_state",
          "scope",
          "authuser",
          "hd",
          "prompt",
        ].map((name) => [name, Type.Optional(Text(4000))]),
      ),
    ),
    response: null,
  }),
  me: contract({ method: "get", path: "/api/session", summary: "Who asks", role: "viewer", response: Me }),
  signOut: contract({
    method: "delete",
    path: "/api/session",
    summary: "Sign out",
    role: "viewer",
    response: null,
    status: 204,
  }),
  setUp: contract({
    method: "post",
    path: "/api/session/first",
    summary: "Make the first admin, with the one-time key that the server printed",
    role: "nobody",
    body: record({ key: Text(200), name: AccountName, password: Password }),
    response: Me,
    status: 201,
  }),
  changePassword: contract({
    method: "post",
    path: "/api/session/password",
    summary: "Change one's own password; every session ends",
    role: "viewer",
    body: record({ old: Text(1000), new: Password }),
    response: null,
    status: 204,
  }),
  users: contract({
    method: "get",
    path: "/api/users",
    summary: "Users, by name",
    role: "admin",
    query: record(PAGE),
    response: pageOf(User),
  }),
  addUser: contract({
    method: "post",
    path: "/api/users",
    summary: "Add a user",
    role: "admin",
    body: record({
      name: AccountName,
      role: RoleName,
      tags: Type.Optional(Tags),
      password: Type.Optional(Password),
    }),
    response: User,
    status: 201,
  }),
  changeUser: contract({
    method: "patch",
    path: "/api/users/{user}",
    summary: "Change a user",
    role: "admin",
    body: record({
      role: Type.Optional(RoleName),
      tags: Type.Optional(Tags),
      password: Type.Optional(Password),
      disabled: Type.Optional(Flag),
    }),
    response: User,
  }),
  removeUser: contract({
    method: "delete",
    path: "/api/users/{user}",
    summary: "Remove a user with sessions and tokens",
    role: "admin",
    response: null,
    status: 204,
  }),
  tokens: contract({
    method: "get",
    path: "/api/tokens",
    summary: "API tokens: an admin's answer holds all, anybody else's one's own",
    role: "viewer",
    query: record(PAGE),
    response: pageOf(Token),
  }),
  addToken: contract({
    method: "post",
    path: "/api/tokens",
    summary: "Make an API token. It is shown this once",
    role: "viewer",
    body: record({
      name: Type.String({ minLength: 1, maxLength: 100 }),
      role: Type.Optional(RoleName),
      tags: Type.Optional(Tags),
      expiresAt: Type.Optional(orNull(Moment)),
    }),
    response: record({ token: Token, secret: Type.String() }),
    status: 201,
  }),
  revokeToken: contract({
    method: "delete",
    path: "/api/tokens/{token}",
    summary: "Revoke a token: an admin any, anybody else one's own",
    role: "viewer",
    response: null,
    status: 204,
  }),
  audit: contract({
    method: "get",
    path: "/api/audit",
    summary: "Every change, newest first",
    role: "admin",
    query: record({
      actor: Type.Optional(Text(300)),
      action: Type.Optional(Text(100)),
      target: Type.Optional(Text(300)),
      ...PAGE,
    }),
    response: pageOf(AuditLine),
  }),
};
