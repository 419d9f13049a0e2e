import { Type } from "typebox";
import { contract } from "./contract.ts";
import { listOf, Moment, orNull, record, Tags, Text } from "./schema.ts";

const KEPT = {
  name: Type.String(),
  description: orNull(Type.String()),
  tags: Tags,
  keyId: Type.String({ description: "Of the key that it is encrypted under" }),
  createdAt: Moment,
  updatedAt: Moment,
  updatedBy: Type.String(),
};

const Secret = record(KEPT);
const Connection = record({ ...KEPT, shown: Type.String({ description: "Its URL without what is secret in it" }) });

const Name = Type.String({ minLength: 1, maxLength: 200 });
const About = { tags: Type.Optional(Tags), description: Type.Optional(orNull(Text(1000))) };

/** Values go in and never come out. */
export const secretContracts = {
  list: contract({
    method: "get",
    path: "/api/secrets",
    summary: "Secrets that the store keeps, without their values, by name",
    role: "viewer",
    response: listOf(Secret),
  }),
  set: contract({
    method: "post",
    path: "/api/secrets",
    summary: "Keep a secret, or another value for one",
    role: "editor",
    body: record({ name: Name, value: Type.String({ minLength: 1, maxLength: 65_536 }), ...About }),
    response: Secret,
  }),
  remove: contract({
    method: "delete",
    path: "/api/secrets/{secret}",
    summary: "Forget a secret",
    role: "editor",
    response: null,
    status: 204,
  }),
  connections: contract({
    method: "get",
    path: "/api/connections",
    summary: "Connections that the store keeps, without what is secret in them, by name",
    role: "viewer",
    response: listOf(Connection),
  }),
  setConnection: contract({
    method: "post",
    path: "/api/connections",
    summary: "Keep a connection, or another URL for one",
    role: "editor",
    body: record({ name: Name, url: Type.String({ minLength: 1, maxLength: 65_536 }), ...About }),
    response: Connection,
  }),
  removeConnection: contract({
    method: "delete",
    path: "/api/connections/{connection}",
    summary: "Forget a connection",
    role: "editor",
    response: null,
    status: 204,
  }),
};
