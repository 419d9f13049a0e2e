import { TuttiError } from "../../core/errors.ts";

/** SQLite's primary result codes that a user can do something about. */
const CODE = {
  busy: 5,
  locked: 6,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notADatabase: 26,
} as const;

/** What SQLite or the file system said, as an error of ours where the user can do something about it. */
export function storeError(path: string, cause: unknown): unknown {
  const [code, message] = explain(path, cause) ?? [];
  return code === undefined || message === undefined ? cause : new TuttiError(code, message, { cause });
}

/** Extended codes carry their primary code in the low byte. */
export const isBusy = (cause: unknown): boolean =>
  primaryCode(cause) === CODE.busy || primaryCode(cause) === CODE.locked;

function explain(path: string, cause: unknown): readonly [code: string, message: string] | null {
  const name = `Store "${path}"`;
  switch (primaryCode(cause) ?? systemCode(cause)) {
    case CODE.corrupt:
    case CODE.notADatabase:
      return [
        "STORE_DAMAGED",
        `${name} is damaged (${textOf(cause)}). Put back a copy of it, or move it away together with its "-wal" file to start an empty one.`,
      ];
    case CODE.full:
    case "ENOSPC":
    case "EDQUOT":
      return [
        "STORE_FULL",
        `The disk of store "${path}" is full. What was being written was rolled back and nothing recorded is lost. Free some space and go on.`,
      ];
    case CODE.readOnly:
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return ["STORE_READ_ONLY", `${name} cannot be written. May this user write the file and its folder?`];
    case CODE.busy:
    case CODE.locked:
      return [
        "STORE_BUSY",
        `${name} was kept locked by another process for too long. Is a copy or another program working on the file?`,
      ];
    case CODE.ioError:
      return [
        "STORE_IO_ERROR",
        `${name} could not be read or written (${textOf(cause)}). What was being written was rolled back. Is the disk in order?`,
      ];
    case CODE.cannotOpen:
      return [
        "STORE_CANNOT_OPEN",
        `${name} cannot be opened. Is it a file, and may this user read it and write its folder?`,
      ];
    default:
      return null;
  }
}

function primaryCode(cause: unknown): number | null {
  const code = (cause as { errcode?: unknown } | null)?.errcode;
  return typeof code === "number" ? code & 0xff : null;
}

function systemCode(cause: unknown): string | null {
  const code = (cause as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : null;
}

const textOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
