import { didYouMean } from "../authoring/nearest.ts";
import { type Role, ROLES } from "../core/role.ts";
import type { OidcConfig } from "./define-config.ts";
import { Refused } from "./refused.ts";

/** A provider that says who somebody is, checked and complete. */
export interface OidcSettings {
  readonly issuer: string;
  readonly clientId: string;
  /** `null`: a public client. */
  readonly clientSecret: string | null;
  readonly label: string;
  readonly scope: string;
  readonly nameClaim: string;
  readonly groupsClaim: string;
  /** What a group may; `null`: roles are those that an admin gives here. */
  readonly groups: Readonly<Record<string, GroupRights>> | null;
  /** Of somebody in none of the groups; `null`: he is not let in. */
  readonly defaultRole: Role | null;
}

export interface GroupRights {
  readonly role: Role;
  /** `null`: all workflows. */
  readonly tags: readonly string[] | null;
}

const FIELDS = [
  "issuer",
  "clientId",
  "clientSecret",
  "label",
  "scope",
  "nameClaim",
  "groupsClaim",
  "groups",
  "defaultRole",
] as const satisfies readonly (keyof OidcConfig)[];

/** `secret`: of the environment, which comes first. */
export function readOidc(value: unknown, secret: string | undefined): OidcSettings {
  const given = object(value, "");
  for (const name of Object.keys(given))
    if (!(FIELDS as readonly string[]).includes(name))
      throw new Refused(`has no field "${name}".${didYouMean(name, FIELDS)}`);
  const clientSecret = secret ?? (given["clientSecret"] === undefined ? undefined : text(given, "clientSecret"));
  return {
    issuer: issuerOf(text(given, "issuer")),
    clientId: text(given, "clientId"),
    clientSecret: clientSecret ?? null,
    label: optional(given, "label", "Single sign-on"),
    scope: optional(given, "scope", "openid profile email"),
    nameClaim: optional(given, "nameClaim", "email"),
    groupsClaim: optional(given, "groupsClaim", "groups"),
    groups: given["groups"] === undefined ? null : groupsOf(given["groups"]),
    defaultRole: given["defaultRole"] === undefined ? null : roleOf(given["defaultRole"], "defaultRole"),
  };
}

function issuerOf(issuer: string): string {
  const url = URL.canParse(issuer) ? new URL(issuer) : null;
  const local = url !== null && ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  if (url === null || !(url.protocol === "https:" || (url.protocol === "http:" && local)))
    throw new Refused(`must have an "issuer" that is an https URL, such as "https://id.example.com"`);
  return issuer;
}

const groupsOf = (value: unknown): Readonly<Record<string, GroupRights>> =>
  Object.fromEntries(
    Object.entries(object(value, `, in "groups",`)).map(([group, rights]) => {
      if (typeof rights === "string") return [group, { role: roleOf(rights, `groups.${group}`), tags: null }];
      const { role, tags = null } = object(rights, `, in "groups.${group}",`);
      if (
        tags !== null &&
        !(Array.isArray(tags) && tags.length > 0 && tags.every((tag) => typeof tag === "string" && tag !== ""))
      )
        throw new Refused(`must have a list of texts as "groups.${group}.tags"`);
      return [group, { role: roleOf(role, `groups.${group}.role`), tags: tags as readonly string[] | null }];
    }),
  );

function roleOf(value: unknown, name: string): Role {
  if ((ROLES as readonly unknown[]).includes(value)) return value as Role;
  throw new Refused(`must have one of ${ROLES.map((role) => `"${role}"`).join(", ")} as "${name}"`);
}

function text(given: Readonly<Record<string, unknown>>, name: string): string {
  const value = given[name];
  if (typeof value === "string" && value.trim() !== "") return value;
  throw new Refused(`must have a text as "${name}"`);
}

const optional = (given: Readonly<Record<string, unknown>>, name: string, byDefault: string): string =>
  given[name] === undefined ? byDefault : text(given, name);

function object(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new Refused(`must${where} be an object`);
}
