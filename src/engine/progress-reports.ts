import { addMs, type Instant } from "../core/clock.ts";
import type { EngineClock } from "./engine-clock.ts";
import { shortened, type TaskProgress } from "./task-progress.ts";

/** Between two words about one execution; what is said meanwhile is worth nothing but the last of it. */
const EVERY_MS = 1_000;
/** What has not changed is told again after so long, for whoever came later or was cut off. */
const AGAIN_MS = 10_000;

interface Said {
  progress: TaskProgress;
  toldAt: Instant;
  isNew: boolean;
}

/**
 * How far the tasks of this process say that they are, told to whoever follows their runs elsewhere: the last word of each execution, at
 * most once a second, and its very last one with its end. Nothing keeps it: where nobody listens it is lost.
 */
export class ProgressReports {
  readonly #clock: EngineClock;
  readonly #tell: (all: readonly TaskProgress[]) => void;
  readonly #said = new Map<string, Said>();
  #stop: (() => void) | null = null;

  constructor(clock: EngineClock, tell: (all: readonly TaskProgress[]) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  add(progress: TaskProgress): void {
    const key = keyOf(progress.taskRunId, progress.claim);
    const now = this.#clock.now();
    const known = this.#said.get(key);
    const said: Said = known ?? { progress, toldAt: 0, isNew: true };
    said.progress = shortened(progress);
    said.isNew = true;
    if (!known) this.#said.set(key, said);
    if (isDue(said, now)) this.#now([said], now);
    this.#beatLater();
  }

  /** The execution has ended. */
  ended(taskRunId: number, claim: number): void {
    if (this.#said.size === 0) return;
    const key = keyOf(taskRunId, claim);
    const said = this.#said.get(key);
    if (!said) return;
    this.#said.delete(key);
    if (said.isNew) this.#tell([said.progress]);
    if (this.#said.size > 0) return;
    this.#stop?.();
    this.#stop = null;
  }

  #beatLater(): void {
    this.#stop ??= this.#clock.at(addMs(this.#clock.now(), EVERY_MS), () => {
      this.#stop = null;
      this.#beat();
      this.#beatLater();
    });
  }

  #beat(): void {
    const now = this.#clock.now();
    const due = [...this.#said.values()].filter((said) => isDue(said, now));
    if (due.length > 0) this.#now(due, now);
  }

  #now(due: readonly Said[], now: Instant): void {
    for (const said of due) {
      said.toldAt = now;
      said.isNew = false;
    }
    this.#tell(due.map(({ progress }) => progress));
  }
}

/** Also when the clock has gone back. */
const isDue = ({ isNew, toldAt }: Said, now: Instant): boolean =>
  now < toldAt || now >= addMs(toldAt, isNew ? EVERY_MS : AGAIN_MS);

const keyOf = (taskRunId: number, claim: number): string => `${taskRunId}/${claim}`;
