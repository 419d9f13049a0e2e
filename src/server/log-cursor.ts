import { createHash } from "node:crypto";
import { TuttiError } from "../core/errors.ts";
import type { LogPage } from "../engine/logs/log-pages.ts";

/** Of a position that a cursor holds, in characters: what two hundred workers wrote. */
const LONGEST = 3_000;
/** Longer ones that are kept here. */
const REMEMBERED = 200;

const SHORT = /^\d{1,15}(\.[\w-]{8}[0-9a-z]{1,10})*$/;
const KEPT = /^kept [\w-]{22}$/;

/** Where a page begins: in each worker's segment, by its name. */
interface LogBegin {
  readonly from: (name: string) => number;
  readonly left: number;
}

/** What a cursor of a log says: how far each worker's lines have been read. Of very many workers it is kept here, and the cursor says which. */
export class LogPositions {
  readonly #kept = new Map<string, string>();

  write({ next, left }: Pick<LogPage, "next" | "left">): string {
    const read = [...next].filter(([, offset]) => offset > 0);
    const text = [left, ...read.map(([name, offset]) => keyOf(name) + offset.toString(36))].join(".");
    if (text.length <= LONGEST) return text;
    const key = `kept ${hashOf(text).slice(0, 22)}`;
    this.#kept.delete(key);
    this.#kept.set(key, text);
    if (this.#kept.size > REMEMBERED) this.#kept.delete(this.#kept.keys().next().value!);
    return key;
  }

  /** @throws TuttiError `CURSOR_REFUSED` */
  read(position: string): LogBegin {
    const text = KEPT.test(position) ? this.#kept.get(position) : position;
    if (text === undefined)
      throw new TuttiError("CURSOR_REFUSED", "This cursor is too old. Ask without one for the first page.");
    const [left, ...read] = text.split(".");
    const offsets = new Map(read.map((each) => [each.slice(0, KEY), Number.parseInt(each.slice(KEY), 36)]));
    return { left: Number(left), from: (name) => offsets.get(keyOf(name)) ?? 0 };
  }
}

export const isLogPosition = (value: unknown): value is string =>
  typeof value === "string" && (SHORT.test(value) || KEPT.test(value));

const KEY = 8;

const hashOf = (text: string): string => createHash("sha256").update(text).digest("base64url");
const keyOf = (name: string): string => hashOf(name).slice(0, KEY);
