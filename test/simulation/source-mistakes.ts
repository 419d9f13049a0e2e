import { type Mistake, mistakesOf } from "./mistake.ts";

const sources = mistakesOf("sources");

const FILES = "engine/events/file-source.ts";
const POLLS = "engine/events/poll-source.ts";

/** Of files and polls. */
export const SOURCES: readonly Mistake[] = [
  sources(
    "what is found under a turn that is over counts",
    "store/sqlite/event.sql.ts",
    "due_at = ${p.dueAt}\n  where id = ${p.id} and revision = ${p.revision} and enabled_since",
    "due_at = ${p.dueAt}\n  where id = ${p.id} and ${p.revision} > 0 and enabled_since",
  ),
  sources(
    "files are compared with what was known before the turn",
    FILES,
    "// Another process may have taken some of them.\n    const marks = marksIn(turn);",
    "const marks = this.#marks!;",
  ),
  sources(
    "a file that has started a run is not marked",
    FILES,
    "markedFiles(marks, present, new Set(these), nowMs)",
    "markedFiles(marks, present, new Set(these.slice(1)), nowMs)",
  ),
  sources(
    "the cursor of a poll stays where it was",
    POLLS,
    "passing ? [] : found.events, found.cursor, afterMs",
    `passing ? [] : found.events, turn.cursor ?? "null", afterMs`,
  ),
  sources("what was there before starts runs", POLLS, "passing ? [] : found.events", "found.events"),
  sources("only the first look of a poll is passed over", POLLS, "if (passing) found = await this.#pass(found);"),
  sources(
    "a batch whose answer got lost is not known",
    "store/sqlite/sqlite-events.ts",
    "!this.#advance(advance) && !this.#isKnown(events)",
    "!this.#advance(advance)",
  ),
  sources(
    "triggers that somebody else has read are not followed",
    "engine/events/events.ts",
    `onEmitted?.();
    this.look();
    return heard;`,
    `onEmitted?.();
    this.#followed = this.#publisher.known.all;
    this.look();
    return heard;`,
  ),
];
