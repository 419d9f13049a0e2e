import { isEndedBackfill } from "../../core/backfill-state.ts";
import { TuttiError } from "../../core/errors.ts";
import type { AnyConfig } from "../../owner/any-place.ts";
import { backfillOf, type BackfillRequest } from "../../owner/backfill-request.ts";
import { openWork, reopenView } from "../../owner/open-work.ts";
import { OwnerGone } from "../../owner/run-session.ts";
import type { WorkSession } from "../../owner/work-session.ts";
import type { BackfillView, StoreView } from "../../store/store-view.ts";
import { asUser } from "../as-user.ts";
import type { CommandContext } from "../command.ts";
import { Interrupts } from "../interrupts.ts";
import { progressText } from "../output/backfill-text.ts";
import { LiveRegion } from "../output/live-region.ts";

const LOOK_EVERY_MS = 300;
/** How long running tasks may go on when their process is asked to stop. */
const GRACE_MS = 30_000;

/** How it was when this command stopped looking. */
export interface Driven {
  readonly record: BackfillView;
  /** The exit status of a user who has asked to stop; `null`: nobody has. */
  readonly interrupted: number | null;
  /** This process did the work. */
  readonly owned: boolean;
  /** It waits for something that does not come by itself. */
  readonly stalled: boolean;
}

/**
 * Sees a backfill through in front of the user: works on it as the owner of the store where there is none, and follows it otherwise. When the
 * owner goes away it becomes the owner itself, as `tutti run` does.
 */
export class BackfillDriver {
  readonly #context: CommandContext;
  readonly #config: AnyConfig;
  readonly #region = new LiveRegion(process.stderr);
  readonly #interrupts: Interrupts;
  readonly #interrupted = Promise.withResolvers<void>();
  #stalled = Promise.withResolvers<void>();
  #isStalled = false;

  constructor(context: CommandContext, config: AnyConfig) {
    this.#context = context;
    this.#config = config;
    this.#interrupts = new Interrupts(() => this.#interrupted.resolve());
  }

  /** `detached`: it is only asked for, and left to whoever works on the store. `begun`: told once that it is recorded. */
  async drive(request: BackfillRequest, begun: (record: BackfillView) => void): Promise<Driven> {
    const reader: { open: StoreView | null } = { open: null };
    try {
      for (let first = true; ; first = false) {
        const session = await this.#open();
        let asked: BackfillView | null = null;
        try {
          asked = await session.backfill(request, (record, waits) => {
            if (record.id === backfillOf(request)) this.#rest(waits !== null);
          });
        } catch (error) {
          if (!(error instanceof OwnerGone)) throw error;
          await session.close(0);
          continue;
        }
        if (asked === null) throw backfillNotFound(backfillOf(request));
        if (first) begun(asked);
        reader.open ??= await reopenView(this.#config);
        const record = await this.#follow(session, reader.open, asked);
        this.#region.clear();
        const { status } = this.#interrupts;
        if (status !== null && session.isOwner)
          this.#context.out.note("Stopping: running tasks may end, for up to 30 s. Ctrl-C again stops at once.");
        await session.close(GRACE_MS);
        if (record === null && status === null) continue;
        const last = record ?? (await reader.open.findBackfill(asked.id));
        const interrupted = isEndedBackfill(last.state) ? null : status;
        return { record: last, interrupted, owned: session.isOwner, stalled: this.#isStalled };
      }
    } finally {
      this.#region.clear();
      await reader.open?.close();
    }
  }

  /** How it is at its end, or where it goes on no further; `null`: nobody works on the store any more, or the user has asked to stop. */
  async #follow(session: WorkSession, reader: StoreView, asked: BackfillView): Promise<BackfillView | null> {
    for (;;) {
      const record = await reader.findBackfill(asked.id);
      this.#region.set([`${record.workflow}  ${progressText(record.progress)}`]);
      if (record.endedAt !== null) return record;
      if (record.state === "paused" && (record.progress.running === 0 || !session.isOwner)) return record;
      if (this.#isStalled) return record;
      if (this.#interrupts.status !== null) return null;
      const gone = await this.#nextLook(session);
      if (gone) return null;
    }
  }

  /** Whether the owner went away meanwhile. */
  async #nextLook(session: WorkSession): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const look = new Promise<void>((resolve) => (timer = setTimeout(resolve, LOOK_EVERY_MS)));
    const woken = [look, this.#stalled.promise, this.#interrupted.promise].map((wait) => wait.then(() => false));
    const gone = await Promise.race([...woken, session.gone.then(() => true)]);
    clearTimeout(timer);
    this.#stalled = Promise.withResolvers<void>();
    return gone;
  }

  #rest(stalled: boolean): void {
    this.#isStalled ||= stalled;
    this.#stalled.resolve();
  }

  #open(): Promise<WorkSession> {
    const { out, typed } = this.#context;
    return openWork({
      ...asUser(typed, out),
      config: this.#config,
      notice: (text) => (this.#region.isShown ? this.#region.print(text) : out.note(text)),
    });
  }
}

export const backfillNotFound = (id: string): TuttiError =>
  new TuttiError("BACKFILL_NOT_FOUND", `There is no backfill "${id}". \`tutti backfill list\` lists them.`);
