import { refusal, refusalAt, type Site } from "./refusal.ts";

const FORM = /^[A-Za-z0-9_.-]{1,200}$/;

/** @throws TuttiError `BAD_NAME` */
export function checkName(name: unknown, what: string): string {
  if (typeof name === "string" && FORM.test(name)) return name;
  const shown = typeof name === "string" ? `"${name.slice(0, 80)}"` : String(name);
  throw refusal("BAD_NAME", `${shown} is no name for ${what}: use 1 to 200 letters, digits, "_", "-" and ".".`);
}

/** Something that gets a name when the whole graph is known. */
export interface Named {
  readonly base: string;
  /** Given with `.as()`. */
  readonly alias: string | null;
  /** The same for all that may share the base and be numbered. */
  readonly origin: object;
  readonly site: Site;
}

/** Names given by hand are kept; the others are `clean`, `clean_2`, … in the order of their placing, around those. */
export function assignNames(things: readonly Named[], kind: "task" | "group", workflow: string): string[] {
  const taken = aliases(things, kind, workflow);
  const origins = new Map<string, object>();
  const counts = new Map<string, number>();
  return things.map(({ base, alias, origin, site }) => {
    if (alias !== null) return alias;
    if ((origins.get(base) ?? origin) !== origin)
      throw duplicate(site, kind, base, workflow, `Two ${kind}s are defined with that name`);
    origins.set(base, origin);
    let count = counts.get(base) ?? 0;
    let name: string;
    do name = numbered(base, ++count);
    while (taken.has(name));
    counts.set(base, count);
    taken.add(name);
    return name;
  });
}

function aliases(things: readonly Named[], kind: "task" | "group", workflow: string): Set<string> {
  const taken = new Set<string>();
  for (const { alias, site } of things) {
    if (alias === null) continue;
    if (taken.has(alias)) throw duplicate(site, kind, alias, workflow, "Two were given that name with .as()");
    taken.add(alias);
  }
  return taken;
}

export const numbered = (base: string, count: number): string => (count === 1 ? base : `${base}_${count}`);

const duplicate = (site: Site, kind: "task" | "group", name: string, workflow: string, why: string) =>
  refusalAt(
    site,
    kind === "task" ? "DUPLICATE_TASK" : "DUPLICATE_GROUP",
    `Workflow "${workflow}" has two ${kind}s named "${name}". ${why}; name one of them differently, e.g. with .as("${name}_b").`,
  );
