import { CronRule } from "./cron.ts";
import { TuttiError } from "./errors.ts";
import { KeyFormat } from "./partition-format.ts";
import { parseMoment } from "./local-date.ts";
import { TimeZone } from "./time-zone.ts";

/** Partitions in time: from tick to tick of a cron expression. */
export interface TimePartitionsManifest {
  readonly kind: "time";
  readonly expression: string;
  readonly timezone: string;
  /** Moments: in the form of a key, or ISO. A partition lies wholly inside. */
  readonly start: string;
  readonly end: string | null;
  /** How a key is written, in strftime's fields. */
  readonly format: string;
  /** How many more there are than have ended; below zero, how many fewer. */
  readonly endOffset: number;
}

export interface StaticPartitionsManifest {
  readonly kind: "static";
  readonly keys: readonly string[];
}

export type OneDimension = TimePartitionsManifest | StaticPartitionsManifest;

/** Every combination of the keys of its dimensions. */
export interface MultiPartitionsManifest {
  readonly kind: "multi";
  readonly dimensions: Readonly<Record<string, OneDimension>>;
}

export type PartitionsManifest = OneDimension | MultiPartitionsManifest;

/** The key of a partition; of several dimensions, one of each by name. */
export type PartitionKey = string | Readonly<Record<string, string>>;

/** Separates the dimensions in a key as text, so no static key may have it. */
export const KEY_SEPARATOR = "|";

/** A key as one text: of several dimensions the parts in the order of the dimensions' names. */
export const keyText = (key: PartitionKey): string =>
  typeof key === "string"
    ? key
    : Object.keys(key)
        .sort()
        .map((dimension) => key[dimension])
        .join(KEY_SEPARATOR);

/** @throws TuttiError `BAD_PARTITIONS`, `BAD_CRON`, `BAD_TIMEZONE`, `BAD_DATE` */
export function checkPartitions(partitions: PartitionsManifest): void {
  switch (partitions.kind) {
    case "time":
      checkTime(partitions);
      return;
    case "static":
      checkStatic(partitions.keys);
      return;
    case "multi": {
      const names = Object.keys(partitions.dimensions);
      if (names.length < 2)
        throw badPartitions(`Partitions of several dimensions need two or more; got ${names.length}.`);
      for (const [name, dimension] of Object.entries(partitions.dimensions)) {
        checkPartitions(dimension);
        if (name === "" || /[=|,]/.test(name))
          throw badPartitions(`${JSON.stringify(name)} is no name of a dimension: it may have no "=", "|" or ",".`);
        if (dimension.kind === "time" && dimension.format.includes(KEY_SEPARATOR))
          throw badPartitions(
            `The format ${JSON.stringify(dimension.format)} has a "${KEY_SEPARATOR}", which separates the dimensions.`,
          );
      }
    }
  }
}

/** Epoch milliseconds of an edge: in the form of a key, or an ISO moment. @throws TuttiError `BAD_DATE` */
export function edgeMs(text: string, format: KeyFormat, zone: TimeZone): number {
  const said = format.read(text);
  if (said === null) return parseMoment(text, zone);
  return said.offsetMs === null ? zone.firstInstantOf(said.local) : said.local - said.offsetMs;
}

function checkTime({ expression, timezone, start, end, format, endOffset }: TimePartitionsManifest): void {
  const [form, zone] = [new KeyFormat(format), TimeZone.of(timezone)];
  void new CronRule(expression, timezone);
  if (!Number.isSafeInteger(endOffset)) throw badPartitions(`"endOffset" is ${endOffset}; it must be a whole number.`);
  const startMs = edgeMs(start, form, zone);
  if (end !== null && edgeMs(end, form, zone) < startMs)
    throw new TuttiError("BAD_DATE", `"end" (${end}) is before "start" (${start}).`);
}

function checkStatic(keys: readonly string[]): void {
  if (keys.length === 0) throw badPartitions(`Static partitions need at least one key.`);
  const bad = keys.find((key) => typeof key !== "string" || !isKey(key));
  if (bad !== undefined)
    throw badPartitions(
      `${JSON.stringify(bad)} is no key: it must be a text of 1 to ${MAX_KEY_LENGTH} characters that has no "${KEY_SEPARATOR}".`,
    );
  const twice = keys.find((key, place) => keys.indexOf(key) !== place);
  if (twice !== undefined) throw badPartitions(`The key "${twice}" is there twice.`);
}

const MAX_KEY_LENGTH = 300;

/** It is recorded, and typed. */
const isKey = (key: string): boolean =>
  key !== "" &&
  key.length <= MAX_KEY_LENGTH &&
  !key.includes(KEY_SEPARATOR) &&
  !key.includes("\0") &&
  key.isWellFormed();

export const badPartitions = (message: string): TuttiError => new TuttiError("BAD_PARTITIONS", message);
