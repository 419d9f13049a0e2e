import { dateFromInstant, type Instant } from "./clock.ts";
import { parseDuration } from "./duration.ts";
import { TuttiError } from "./errors.ts";
import { RUN_STATES, type RunState } from "./run-state.ts";

/** Which runs: all of these together. What is absent chooses nothing. */
export interface RunSelection {
  readonly workflow?: readonly string[];
  readonly state?: readonly RunState[];
  readonly tag?: readonly string[];
  readonly partition?: readonly string[];
  /** Created at this moment or later, and before that one: ISO 8601. */
  readonly from?: string;
  readonly to?: string;
}

/** The words of a selection, and what stands behind each. */
export const SELECTION_WORDS = {
  workflow: "names, with commas between",
  state: RUN_STATES.join(", "),
  tag: "tags of the workflow: one of them is enough",
  partition: "keys of the partition that they make",
  since: "created then or later: 2d, 12h, 2026-01-31 or 2026-01-31T06:00:00Z",
  until: "created before then",
} as const;

type Word = keyof typeof SELECTION_WORDS;

const MOST_CHARACTERS = 2_000;
/** A word, a colon, and a value: in quotes where it holds a space. */
const PART = /\s*([a-z]+):(?:"((?:[^"\\]|\\.)*)"|([^\s"]\S*))(?=\s|$)/y;
const DAY = /^\d{4}-\d\d-\d\d$/;
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;

/**
 * Runs as people choose them: `state:failed workflow:sales tag:finance since:2d`. Said twice, a word means either.
 *
 * @throws TuttiError `BAD_SELECTION`
 */
export function readSelection(text: string, now: Instant): RunSelection {
  if (text.length > MOST_CHARACTERS) throw bad(`It has more than ${MOST_CHARACTERS} characters.`);
  const said = new Map<Word, string[]>();
  PART.lastIndex = 0;
  for (let at = 0; text.slice(at).trim() !== ""; at = PART.lastIndex) {
    const part = PART.exec(text);
    if (part === null) throw bad(`"${text.slice(at).trim().slice(0, 80)}" is not of the form word:value.`);
    const [, word = "", quoted, plain = ""] = part;
    if (!Object.hasOwn(SELECTION_WORDS, word)) throw bad(`There is no word "${word}".`);
    const values = quoted === undefined ? plain.split(",").filter((value) => value !== "") : [unquoted(quoted)];
    said.set(word as Word, [...(said.get(word as Word) ?? []), ...values]);
  }
  return {
    ...(said.has("workflow") && { workflow: said.get("workflow")! }),
    ...(said.has("state") && { state: said.get("state")!.map(stateOf) }),
    ...(said.has("tag") && { tag: said.get("tag")! }),
    ...(said.has("partition") && { partition: said.get("partition")! }),
    ...(said.has("since") && { from: momentOf("since", said.get("since")!, now) }),
    ...(said.has("until") && { to: momentOf("until", said.get("until")!, now) }),
  };
}

/** The same as text: what `readSelection` reads. */
export function selectionText({ workflow, state, tag, partition, from, to }: RunSelection): string {
  const words = { workflow, state, tag, partition, since: from && [from], until: to && [to] };
  return Object.entries(words)
    .flatMap(([word, values]) => (values || []).map((value) => `${word}:${quoted(value)}`))
    .join(" ");
}

const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, (char) => `\\${char}`)}"`;
const unquoted = (text: string): string => text.replaceAll(/\\(.)/g, "$1");

function stateOf(text: string): RunState {
  const found = RUN_STATES.find((state) => state === text);
  if (found === undefined) throw bad(`"${text}" is no state of a run. There are: ${RUN_STATES.join(", ")}.`);
  return found;
}

function momentOf(word: Word, values: readonly string[], now: Instant): string {
  const [text, more] = values;
  if (text === undefined || more !== undefined) throw bad(`"${word}:" takes one moment.`);
  if (DAY.test(text) || MOMENT.test(text)) {
    const ms = Date.parse(text);
    if (!Number.isNaN(ms) && ms >= 0) return new Date(ms).toISOString();
  } else {
    const ms = durationOf(text);
    if (ms !== null) return dateFromInstant(Math.max(0, now - ms * 1000)).toISOString();
  }
  throw bad(`"${word}:${text}" is no moment. Write ${SELECTION_WORDS.since}.`);
}

function durationOf(text: string): number | null {
  try {
    return parseDuration(text);
  } catch {
    return null;
  }
}

const bad = (why: string): TuttiError =>
  new TuttiError(
    "BAD_SELECTION",
    `This selection of runs can't be read. ${why} Write it like: state:failed workflow:sales tag:finance since:2d`,
  );
