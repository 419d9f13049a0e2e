import { randomBytes } from "node:crypto";
import { type BackfillAction, isEndedBackfill } from "../../core/backfill-state.ts";
import { systemClock } from "../../core/clock.ts";
import { TuttiError } from "../../core/errors.ts";
import { runIdFrom } from "../../core/run-id.ts";
import type { AnyConfig } from "../../owner/any-place.ts";
import type { BackfillRequest } from "../../owner/backfill-request.ts";
import { osUser } from "../../owner/os-user.ts";
import { openWork } from "../../owner/open-work.ts";
import type { BackfillView } from "../../store/store-view.ts";
import type { CommandContext } from "../command.ts";
import { asUser } from "../as-user.ts";
import { STATUS } from "../exit-status.ts";
import { backfillDocument, backfillStateText, progressText, rangeText } from "../output/backfill-text.ts";
import { viewing, viewingAgain } from "../reading.ts";
import type { AskedFor } from "./ask-backfill.ts";
import { BackfillDriver, backfillNotFound } from "./backfill-driver.ts";

export interface TurnOptions {
  readonly json: boolean;
  /** Asked for, and left to whoever works on the store. */
  readonly detach: boolean;
}

export async function createBackfill(
  config: AnyConfig,
  { workflow, plan, maxActiveRuns, total, version, asked }: AskedFor,
  context: CommandContext,
  options: TurnOptions,
): Promise<number> {
  const now = systemClock.now();
  const id = runIdFrom(now, randomBytes(10));
  const backfill = { id, workflow, plan, maxActiveRuns, total, createdAt: now, createdBy: osUser() };
  return drive(config, { kind: "create", backfill, version, asked }, context, options);
}

/** `resume` goes on with it here where nobody else does; the others are said and left. @throws TuttiError `BACKFILL_ENDED`, `BACKFILL_NOT_FOUND` */
export async function turnBackfill(
  config: AnyConfig,
  action: BackfillAction,
  prefix: string,
  context: CommandContext,
  options: TurnOptions,
): Promise<number> {
  const { id, state } = await viewing(config, (reader) => reader.findBackfill(prefix));
  if (isEndedBackfill(state))
    throw new TuttiError("BACKFILL_ENDED", `Backfill "${id}" has ended: ${state}. There is nothing to ${action}.`);
  if (action === "resume") return drive(config, { kind: action, id }, context, options);
  return ask(config, { kind: action, id }, context, options.json);
}

async function drive(
  config: AnyConfig,
  request: BackfillRequest,
  context: CommandContext,
  { json, detach }: TurnOptions,
): Promise<number> {
  if (detach) return ask(config, request, context, json);
  const { out } = context;
  const driver = new BackfillDriver(context, config);
  const { record, interrupted, owned, stalled } = await driver.drive(request, (begun) => {
    if (!json) out.line(titleText(begun, context));
  });
  tell(record, context, json);
  if (interrupted !== null) {
    out.note(
      owned
        ? `Backfill ${record.id} is not finished; to go on: tutti backfill resume ${record.id}`
        : `Backfill ${record.id} goes on in the process that works on the store. To follow it again: tutti backfill resume ${record.id}`,
    );
    return interrupted;
  }
  if (stalled && record.endedAt === null) out.note(`To go on with it then: tutti backfill resume ${record.id}`);
  return record.state === "succeeded" ? STATUS.succeeded : STATUS.failed;
}

/** Recorded, and whoever works on the store goes on from there. Without anybody, this process is the owner for a moment. */
async function ask(
  config: AnyConfig,
  request: BackfillRequest,
  context: CommandContext,
  json: boolean,
): Promise<number> {
  const { out, typed } = context;
  const session = await openWork({ ...asUser(typed, out), config, serves: false });
  let asked: BackfillView | null;
  try {
    asked = await session.backfill(request);
  } finally {
    await session.close(0);
  }
  if (asked === null) throw backfillNotFound(request.kind === "create" ? request.backfill.id : request.id);
  const { id } = asked;
  const record = await viewingAgain(config, (reader) => reader.findBackfill(id));
  if (!json && request.kind === "create") out.line(titleText(record, context));
  tell(record, context, json);
  if (session.isOwner && !isEndedBackfill(record.state) && record.state !== "paused")
    out.note(`Nobody works on the store now. To go on with it: tutti backfill resume ${id}, or tutti start`);
  return STATUS.succeeded;
}

const titleText = (record: BackfillView, { out }: CommandContext): string =>
  `${out.style("bold", record.workflow)} ${rangeText(record)}  ${out.style("dim", record.id)}`;

function tell(record: BackfillView, { out }: CommandContext, json: boolean): void {
  if (json) out.json({ backfill: backfillDocument(record) });
  else out.line(`${backfillStateText(out, record.state)}  ${progressText(record.progress)}`);
}
