import type { TaskBody } from "../authoring/built.ts";
import type { AssetUpdate, CheckFunction, CheckResult } from "../authoring/check.ts";
import type { CheckManifest } from "../core/asset-manifest.ts";
import { CHECK_STATUSES, type CheckFinding } from "../core/check-result.ts";
import { toErrorData } from "../core/error-data.ts";
import { TuttiError } from "../core/errors.ts";
import { encodePayload, type GivenEvent } from "../core/event.ts";
import type { TaskManifest } from "../core/manifest.ts";
import type { Attempt } from "./attempt.ts";
import type { AttemptContext } from "./context.ts";
import { eventsOf } from "./emitted.ts";
import { failure } from "./failure.ts";
import type { Outcome } from "./protocol.ts";

/** One task run checks at most as many parts of what it made: what it found travels with its result. */
const MAX_FINDINGS = 1_000;

export interface Made {
  readonly task: TaskManifest;
  readonly body: TaskBody;
  readonly value: unknown;
  readonly ctx: AttemptContext;
}

/** A success, looked at: what the checks found goes along with it; where a blocking one failed, it is none. */
export async function checked(attempt: Attempt, { task, body, value, ctx }: Made, outcome: Outcome): Promise<Outcome> {
  const { checks = [] } = task;
  if (outcome.state !== "succeeded" || checks.length === 0) return outcome;
  const found: GivenEvent[] = [];
  const failed: string[] = [];
  for (const { name, payload, partition } of eventsOf(attempt, task).filter(({ kind }) => kind === "asset")) {
    const metadata = payload === null ? null : (JSON.parse(payload) as AssetUpdate["metadata"]);
    for (const [place, check] of checks.entries()) {
      if (check.asset !== name) continue;
      attempt.signal.throwIfAborted();
      const finding = await look(
        attempt,
        check,
        body.checks![place]!,
        { asset: name, partition, metadata, value },
        ctx,
      );
      if (found.length >= MAX_FINDINGS) throw tooMany(task.name);
      found.push({ kind: "check", name, payload: JSON.stringify(finding), key: check.name, partition });
      if (finding.status === "fail" && check.blocking) failed.push(sentence(check, finding));
    }
  }
  if (failed.length === 0) return { ...outcome, events: [...eventsOf(attempt, task), ...found] };
  const error = new TuttiError("ASSET_CHECK_FAILED", failed.join(" "));
  return { ...failure(error, body.retryOn), ...(found.length > 0 && { events: found }) };
}

async function look(
  attempt: Attempt,
  check: CheckManifest,
  fn: CheckFunction,
  update: AssetUpdate,
  ctx: AttemptContext,
): Promise<CheckFinding> {
  const { blocking } = check;
  const began = attempt.ports.now();
  const result = await answered(check, async () => fn(update, ctx));
  const finding: CheckFinding = {
    status: result.status,
    message: result.message ?? null,
    metadata: result.metadata ?? null,
    blocking,
    tookMs: Math.max(0, attempt.ports.now() - began) / 1000,
  };
  if (finding.status !== "pass") attempt.log.log("warn", sentence(check, finding));
  return finding;
}

/** What it throws is what it found. */
async function answered(check: CheckManifest, ask: () => Promise<unknown>): Promise<CheckResult> {
  try {
    return readResult(check, await ask());
  } catch (thrown) {
    const { name, message, code } = toErrorData(thrown);
    return { status: "fail", message: `${name}: ${message}${code === undefined ? "" : ` [${code}]`}`.slice(0, 10_000) };
  }
}

function readResult({ asset, name }: CheckManifest, result: unknown): CheckResult {
  if (result === undefined || result === true) return { status: "pass" };
  if (result === false) return { status: "fail" };
  const { status, message, metadata } = (
    typeof result === "object" && result !== null ? result : {}
  ) as Partial<CheckResult>;
  const what = `Check "${name}" of asset "${asset}"`;
  if (!CHECK_STATUSES.includes(status!))
    throw new TuttiError(
      "BAD_CHECK",
      `${what} returned neither true or false nor { status: "pass", "warn" or "fail" }. Return one of them, or nothing where it passes.`,
    );
  if (message !== undefined && typeof message !== "string")
    throw new TuttiError("BAD_CHECK", `${what} gave a message that is no text.`);
  const text = encodePayload(metadata, `The metadata of ${what.toLowerCase()}`);
  return {
    status: status!,
    ...(message !== undefined && { message }),
    ...(text !== null && { metadata: JSON.parse(text) as object }),
  };
}

const sentence = ({ asset, name }: CheckManifest, { status, message }: CheckFinding): string =>
  `Check "${name}" of asset "${asset}" ${status === "warn" ? "warns" : "failed"}${message === null ? "." : `: ${message}`}`;

const tooMany = (task: string): TuttiError =>
  new TuttiError(
    "TOO_MANY_EVENTS",
    `Task "${task}" made more parts than it can look at: its checks would find more than ${MAX_FINDINGS} things. Map the task over the parts.`,
  );
