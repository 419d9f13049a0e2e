import { type ProcessRecord, type ProcessRole, WORK_ROLES } from "../../store/process-list.ts";

/** What a run needs and nobody does now. */
export const missingRoles = (processes: readonly Pick<ProcessRecord, "alive" | "roles">[]): readonly ProcessRole[] =>
  WORK_ROLES.filter((role) => !processes.some(({ alive, roles }) => alive && roles.includes(role)));

/** A sentence for whoever waits for a run; `null`: nothing is missing. */
export function missingText(missing: readonly ProcessRole[]): string | null {
  const [first, second] = missing;
  if (first === undefined) return null;
  const start = second === undefined ? `tutti start --role ${first}` : "tutti start";
  return `No ${second === undefined ? first : `${first} and no ${second}`} is alive on this store: the run waits until there is one. Start one with: ${start}`;
}
