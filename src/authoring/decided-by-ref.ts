import type { Draft } from "./draft.ts";
import { labelOf } from "./ref.ts";
import { refusal } from "./refusal.ts";

/**
 * Refuses a body that decides by a ref: `if (params.dry)`, `sales.count === 0`. JavaScript tells nobody when an object is asked whether it
 * is true, so what gives it away is a property that was read and went nowhere, with such a decision by that name in the body's own code.
 * It takes both: code that merely reads too much is fine.
 *
 * @throws TuttiError `REF_USED_AS_VALUE`
 */
export function refuseDecisions(draft: Draft, body: (...args: never[]) => unknown): void {
  let code: string | null = null;
  for (const state of draft.unread) {
    code ??= Function.prototype.toString.call(body);
    if (!decidesBy(code, String(state.path.at(-1)))) continue;
    throw refusal(
      "REF_USED_AS_VALUE",
      `"${labelOf(state)}" in workflow "${draft.workflow}" was used in a condition, but it is a ref: it is always true here, whatever its value will be. ` +
        "Decide with branch(…), or inside the task that gets it.",
    );
  }
}

/** Whether `code` has `key`, alone or at the end of a path, where something is decided by it. */
function decidesBy(code: string, key: string): boolean {
  if (!/^[A-Za-z_$][\w$]*$/.test(key)) return false;
  const name = String.raw`(?<![\w$])(?:[\w$]+\s*\.\s*)*${key.replaceAll("$", String.raw`\$`)}(?![\w$])`;
  const before = String.raw`(?:!|&&|\|\||[!=]==|\b(?:if|while|switch)\s*\()\s*${name}\s*(?=[)&|?;,\n}]|[!=]==|$)`;
  const after = String.raw`${name}\s*(?:&&|\|\||\?\?|[!=]==|\?(?![.:,)]))`;
  return new RegExp(`${before}|${after}`).test(code);
}
