import type { StandardSchemaV1 } from "@standard-schema/spec";
import { TuttiError } from "../../core/errors.ts";
import { formatPath } from "../../core/value-codec.ts";

/** Longer names are cut off by LISTEN and refused by NOTIFY: the two would never meet. */
const MAX_BYTES = 63;

/** The name of a channel. @throws TuttiError `BAD_CHANNEL` */
export function checkChannel(channel: unknown): string {
  if (
    typeof channel === "string" &&
    channel !== "" &&
    !channel.includes("\0") &&
    Buffer.byteLength(channel) <= MAX_BYTES
  )
    return channel;
  throw new TuttiError(
    "BAD_CHANNEL",
    `${JSON.stringify(channel) ?? String(channel)} names no channel. It is a text of 1 to ${MAX_BYTES} bytes, written as pg_notify has it.`,
  );
}

/** What a notification says, by its schema. The message shows no value. @throws TuttiError `NOTIFICATION_REFUSED` */
export async function parsePayload<T>(
  channel: string,
  payload: string,
  schema: StandardSchemaV1<unknown, T>,
): Promise<T> {
  let value: unknown;
  try {
    value = JSON.parse(payload);
  } catch {
    throw refused(channel, "it is no JSON");
  }
  const result = await schema["~standard"].validate(value);
  if (result.issues === undefined) return result.value;
  throw refused(
    channel,
    result.issues.map(({ path, message }) => `${formatPath(keysOf(path))}: ${message}`).join("; "),
  );
}

const keysOf = (path: StandardSchemaV1.Issue["path"] = []): (string | number)[] =>
  path
    .map((step) => (typeof step === "object" ? step.key : step))
    .map((key) => (typeof key === "number" ? key : String(key)));

const refused = (channel: string, why: string): TuttiError =>
  new TuttiError("NOTIFICATION_REFUSED", `A notification on channel "${channel}" is not what "payload" says: ${why}.`);
