import { TuttiError } from "../../core/errors.ts";
import type { TriggerManifest } from "../../core/trigger.ts";
import type { Found, TriggerAnswer } from "../../runtime/protocol.ts";
import type { SourceTurn } from "../../store/events.ts";
import { Source } from "./source.ts";

/** A process that died with the turn has it for so long; one that lives says so in between. */
const LEASE_MS = 15_000;
const BEAT_MS = 5_000;
/** Another process has the turn; it is asked no more often. */
const RIVAL_MS = 5_000;
/** Looks that only find what was there before. */
const MAX_PASSED = 10_000;

/** A source that a user's function looks at. */
export class PollSource extends Source {
  readonly #stopping = Promise.withResolvers<null>();

  override stop(): Promise<void> {
    this.#stopping.resolve(null);
    return super.stop();
  }

  protected async look(): Promise<number> {
    const { everyMs } = this.known.trigger as TriggerManifest & { kind: "poll" };
    const turn = await this.takeTurn(LEASE_MS);
    if (turn === null) return Math.min(everyMs, RIVAL_MS);
    const stopBeating = this.#beat(turn);
    const passing = turn.fresh && this.passesOver;
    try {
      let found = await this.#ask(turn.cursor, turn.fresh);
      if (passing) found = await this.#pass(found);
      stopBeating();
      if (this.stopped) {
        await this.leaveTurn(turn, 0);
        return everyMs;
      }
      // Nothing yet is an answer, too: what comes from here on was not there before.
      if (found === null && turn.fresh) await this.recorded(turn, [], turn.cursor ?? "null", everyMs);
      else if (found === null) await this.leaveTurn(turn, everyMs);
      else {
        const afterMs = found.more && !passing ? 0 : everyMs;
        await this.recorded(turn, passing ? [] : found.events, found.cursor, afterMs);
        return afterMs;
      }
      return everyMs;
    } catch (thrown) {
      stopBeating();
      await this.leaveTurn(turn, 0).catch(() => {});
      throw thrown;
    }
  }

  #beat(turn: SourceTurn): () => void {
    const { clock } = this.deps;
    const beat = (): (() => void) =>
      clock.at(clock.now() + BEAT_MS * 1000, () => {
        void this.leaveTurn(turn, LEASE_MS).catch(() => {});
        stop = beat();
      });
    let stop = beat();
    return () => stop();
  }

  /** What was there before, to its end. */
  async #pass(first: Found | null): Promise<Found | null> {
    let found = first;
    for (let looks = 1; found?.more === true && looks < MAX_PASSED; looks++)
      found = (await this.#ask(found.cursor, true)) ?? { ...found, more: false };
    return found;
  }

  async #ask(cursor: string | null, fresh: boolean): Promise<Found | null> {
    const { known, deps } = this;
    const { name, timeoutMs } = known.trigger as TriggerManifest & { kind: "poll" };
    const asked = deps.asker.ask(known.version, { kind: "poll", trigger: name, cursor, fresh, timeoutMs });
    const answer: TriggerAnswer | null = await Promise.race([asked, this.#stopping.promise]);
    if (answer === null) return null;
    if (!answer.ok) throw new TuttiError(answer.error.code ?? "TRIGGER_FAILED", answer.error.message);
    return "found" in answer ? answer.found : null;
  }
}
