import { mayAs, type Role, ROLES } from "../../../../src/core/role.ts";
import { useMe } from "../../api/session.ts";

/** Why the viewer may not answer; `null`: he may. `by`: names and roles; `null`: whoever may act on runs. */
export function useMayAnswer(by: readonly string[] | null): string | null {
  const me = useMe();
  if (me === null) return "You are not signed in.";
  const may = (by ?? ["operator"]).some((one) => one === me.user || (isRole(one) && mayAs(me.role, one)));
  return may ? null : `${whoMay(by)} may answer; you are ${me.user ?? "nobody in particular"}, "${me.role}".`;
}

/** `ada, or whoever is admin` */
export function whoMay(by: readonly string[] | null): string {
  if (by === null) return "Any operator";
  return by
    .map((one) => (isRole(one) ? `any ${one}` : one))
    .join(" or ")
    .replace(/^any/, "Any");
}

const isRole = (name: string): name is Role => (ROLES as readonly string[]).includes(name);
