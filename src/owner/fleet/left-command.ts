import { systemClock } from "../../core/clock.ts";
import type { ControlRequest } from "../../engine/control-request.ts";
import { RUNS_CHANNEL, runChannel } from "../../engine/wake-up-channels.ts";
import type { CommandInbox } from "../../store/command-inbox.ts";
import type { StoreReader } from "../../store/reader.ts";
import type { RunRecord } from "../../store/store.ts";
import type { WakeUps } from "../../store/wake-ups.ts";
import type { CommandKind } from "../command-poll.ts";
import type { CancelOptions, RetryOptions } from "../run-session.ts";
import { missingRoles } from "./alive-roles.ts";
import { commandRefused, refusalOf } from "./refusals.ts";

const MANY = 10_000;
/** Between two looks at a command that nobody has told anything about. */
const LOOK_EVERY_MS = 250;
/** A scheduler that lives takes a command at once; one that is this late has more to do than it can. */
const TAKEN_LIMIT_MS = 10_000;

export interface LeaveDeps {
  readonly inbox: CommandInbox;
  readonly reader: StoreReader;
  readonly wakeUps: WakeUps;
  readonly notice: (text: string) => void;
}

/**
 * Leaves a command about a run for whichever scheduler it is for, and waits until this very command was carried out: of two who ask
 * for the same, one has done it. `holds`: what it was for has come about. Without a scheduler it stays in the store, and that is said.
 *
 * @throws TuttiError as the engine, or `COMMAND_REFUSED`
 */
export async function leaveCommand(
  deps: LeaveDeps,
  kind: CommandKind,
  runId: string,
  holds: ((run: RunRecord) => boolean) | null,
  options: RetryOptions | CancelOptions | ControlRequest | null = null,
): Promise<void> {
  const { inbox, reader, wakeUps, notice } = deps;
  const id = await inbox.addCommand({
    kind,
    runId,
    payload: options && JSON.stringify(options),
    createdAt: systemClock.now(),
  });
  wakeUps.notify(RUNS_CHANNEL);
  if (missingRoles(await reader.listProcesses(MANY)).includes("scheduler"))
    return notice(
      `No scheduler is alive on this store: "${kind}" waits there until one is. Start one with: tutti start`,
    );
  const limit = performance.now() + TAKEN_LIMIT_MS;
  while (performance.now() < limit) {
    const changed = nextChange(wakeUps, runId);
    const outcome = await inbox.outcome(id);
    if (outcome === "waits") {
      await changed.promise;
      continue;
    }
    changed.cancel();
    if (outcome !== "carried out") throw refusalOf(outcome, kind, runId);
    if (holds === null) return;
    // A scheduler of an older release takes away what it refuses as well.
    const head = await reader.runHead(runId);
    if (head === null || !holds(head.run)) throw commandRefused(kind, runId);
    return;
  }
  notice(`No scheduler has taken up "${kind}" of run ${runId} yet. It stays in the store until one does.`);
}

/** When the run may have changed the next time. */
function nextChange(wakeUps: WakeUps, runId: string): { readonly promise: Promise<void>; readonly cancel: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, LOOK_EVERY_MS);
  const stop = wakeUps.listen(runChannel(runId), resolve);
  const cancel = (): void => (clearTimeout(timer), stop(), resolve());
  return { promise: promise.finally(cancel), cancel };
}
