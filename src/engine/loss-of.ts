import type { TaskInstance } from "../core/task-instance.ts";
import { type Loss, neverBegun, workerDied } from "./arrival.ts";
import type { MembershipOptions } from "./membership.ts";

/**
 * What is known of a task run that was running when its run was loaded. Where an engine is the only one, nobody is still at it. Among
 * several, the membership finds out who is dead; only what was claimed for this process, by a commit of which it never heard, was
 * certainly not begun.
 */
export function lossOf(
  instance: TaskInstance,
  host: string,
  membership: Pick<MembershipOptions, "isHandedOver"> | undefined,
): Loss | null {
  const { id, claim, worker } = instance;
  if (!membership) return workerDied(instance, worker ?? host, claim);
  return worker !== host || membership.isHandedOver({ taskRunId: id, claim }) ? null : neverBegun(instance);
}
