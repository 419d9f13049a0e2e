/** What somebody may do, each with all that those before it may. */
export const ROLES = [
  "viewer", // sees everything but users, tokens and the audit log
  "operator", // starts, cancels and retries runs, pauses workflows
  "editor", // changes what runs are given: pools, connections, secrets
  "admin", // users, tokens and the audit log
] as const;

export type Role = (typeof ROLES)[number];

/** Whether a role is enough where another one is asked for. */
export const mayAs = (role: Role, needed: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(needed);

/** The lesser of two: a token never may more than its user. */
export const lesserRole = (a: Role, b: Role): Role => (mayAs(a, b) ? b : a);

/** Workflows by their tags, at least one of which they must have; `null`: all workflows. */
export type TagLimit = readonly string[] | null;

export const isWithin = (tags: readonly string[], limit: TagLimit): boolean =>
  limit === null || limit.some((tag) => tags.includes(tag));

/** What both limits allow. */
export const bothLimits = (a: TagLimit, b: TagLimit): TagLimit =>
  a === null ? b : b === null ? a : a.filter((tag) => b.includes(tag));

export const sameTags = (a: TagLimit, b: TagLimit): boolean =>
  a === null || b === null ? a === b : a.length === b.length && a.every((tag) => b.includes(tag));
