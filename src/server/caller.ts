import { mayAs, type Role, type TagLimit } from "../core/role.ts";
import { forbidden } from "./failure.ts";

/** Who asks, and what he may. */
export interface Caller {
  /** As the audit log has it: `user:ada`, `token:7`, `local:ada`. */
  readonly actor: string;
  /** `null`: nobody in particular, as a program or whoever reads the server's own token. */
  readonly user: string | null;
  readonly role: Role;
  readonly tags: TagLimit;
  readonly via: "local" | "session" | "token";
  /** With a cookie, a change needs this beside it; `null`: no cookie was shown. */
  readonly csrf: string | null;
  /** The hash of the session that was shown. */
  readonly session: string | null;
}

/** @throws TuttiError `FORBIDDEN` */
export function requireRole(caller: Caller, needed: Role): void {
  if (!mayAs(caller.role, needed))
    throw forbidden(`This needs the role "${needed}"; you are "${caller.role}". An admin can change that.`);
}
