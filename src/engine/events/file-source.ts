import { type FileFacts, type FileMarks, markedFiles, needsRefresh, unknownFiles } from "../../core/file-marks.ts";
import type { TriggerManifest } from "../../core/trigger.ts";
import type { SourceTurn } from "../../store/events.ts";
import { folderOf, ON_DISK } from "./found-files.ts";
import { Source } from "./source.ts";

const LEASE_MS = 30_000;
/** What the system says about one file comes in several words. */
const GATHER_MS = 50;
/** Files that start runs in one transaction. */
const AT_ONCE = 200;

interface Seen {
  readonly facts: FileFacts;
  readonly sinceMs: number;
}

/** Files that come: found when the system says that a folder has changed, and by looking through it now and then. */
export class FileSource extends Source {
  /** As the store last gave it, or was given it, here; `null`: never yet. */
  #marks: FileMarks | null = null;
  /** Files that are new, and since when each looks as it does. */
  #settling = new Map<string, Seen>();
  #stopWatching: (() => void) | null = null;

  override stop(): Promise<void> {
    this.#stopWatching?.();
    return super.stop();
  }

  protected async look(): Promise<number> {
    const { pattern, everyMs, settleMs } = this.#trigger;
    const { root, clock, files = ON_DISK } = this.deps;
    this.#stopWatching ??= files.watch(folderOf(root, pattern), () => this.again(GATHER_MS));
    const present = await files.find(root, pattern);
    const nowMs = clock.now() / 1000;
    if (this.#marks === null && !(await this.#begin(present, nowMs))) return Math.min(everyMs, 1_000);
    const settled = this.#settled(present, nowMs);
    if (settled.length > 0 || needsRefresh(this.#marks!, nowMs)) {
      const more = await this.#take(present, settled, nowMs);
      if (more) return GATHER_MS;
    }
    const waits = [...this.#settling.values()].map(({ sinceMs }) => sinceMs + settleMs - nowMs);
    return Math.max(GATHER_MS, Math.min(everyMs, ...waits));
  }

  get #trigger() {
    return this.known.trigger as TriggerManifest & { kind: "file" };
  }

  /** What was there before its workflow was enabled starts nothing. `false`: another process has the turn. */
  async #begin(present: ReadonlyMap<string, FileFacts>, nowMs: number): Promise<boolean> {
    const turn = await this.takeTurn(LEASE_MS);
    if (turn === null) return false;
    const marks = marksIn(turn);
    if (turn.fresh) {
      const next = markedFiles(marks, present, this.passesOver ? new Set(present.keys()) : new Set(), nowMs);
      if (await this.recorded(turn, [], JSON.stringify(next), 0)) this.#marks = next;
      return this.#marks !== null;
    }
    await this.leaveTurn(turn, 0);
    this.#marks = marks;
    return true;
  }

  /** The new ones that have stayed as they are for long enough. */
  #settled(present: ReadonlyMap<string, FileFacts>, nowMs: number): string[] {
    const before = this.#settling;
    this.#settling = new Map();
    const settled: string[] = [];
    for (const path of unknownFiles(this.#marks!, present)) {
      const facts = present.get(path)!;
      const was = before.get(path);
      const same = was?.facts.modifiedMs === facts.modifiedMs && was.facts.size === facts.size;
      const sinceMs = same ? Math.min(was.sinceMs, nowMs) : nowMs;
      if (nowMs - sinceMs >= this.#trigger.settleMs) settled.push(path);
      else this.#settling.set(path, { facts, sinceMs });
    }
    return settled;
  }

  /** Answers whether there is more. */
  async #take(present: ReadonlyMap<string, FileFacts>, settled: readonly string[], nowMs: number): Promise<boolean> {
    const turn = await this.takeTurn(LEASE_MS);
    if (turn === null) return true;
    // Another process may have taken some of them.
    const marks = marksIn(turn);
    const unknown = new Set(unknownFiles(marks, present));
    const mine = settled.filter((path) => unknown.has(path)).sort();
    const these = mine.slice(0, AT_ONCE);
    const next = markedFiles(marks, present, new Set(these), nowMs);
    const events = these.map((path) => {
      const { size, modifiedMs } = present.get(path)!;
      return { key: null, payload: JSON.stringify({ path, size, modified: new Date(modifiedMs).toISOString() }) };
    });
    if (await this.recorded(turn, events, JSON.stringify(next), 0)) this.#marks = next;
    else this.#marks = null;
    // What has settled stays so.
    for (const path of mine.slice(AT_ONCE)) this.#settling.set(path, { facts: present.get(path)!, sinceMs: 0 });
    return mine.length > these.length;
  }
}

const marksIn = ({ cursor }: SourceTurn): FileMarks => JSON.parse(cursor ?? "{}") as FileMarks;
