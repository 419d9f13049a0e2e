import { TuttiError } from "../../core/errors.ts";
import { openWork } from "../../owner/open-work.ts";
import type { CommandContext } from "../command.ts";
import { configOf } from "../config-of.ts";
import { STATUS } from "../exit-status.ts";
import { UsageError } from "../usage-error.ts";

/** Puts an alert that has failed back in line; whoever delivers on this store tells it. */
export async function retryAlert(id: string | undefined, json: boolean, context: CommandContext): Promise<number> {
  if (id === undefined || !/^\d+$/.test(id))
    throw new UsageError(`"tutti alerts retry" takes the number of an alert, as "tutti alerts" lists it.`);
  const { typed, out } = context;
  const config = await configOf(context);
  const session = await openWork({ config, command: typed, notice: (text) => out.note(text) });
  let done: boolean;
  try {
    done = await session.retryAlert(Number(id));
  } finally {
    await session.close(0);
  }
  if (!done)
    throw new TuttiError(
      "ALERT_NOT_FAILED",
      `There is no alert ${id} that has failed. Those that have: tutti alerts --state failed`,
    );
  if (json) out.json({ id: Number(id), state: "trying" });
  else out.line(`Alert ${id} is tried again.`);
  return STATUS.succeeded;
}
