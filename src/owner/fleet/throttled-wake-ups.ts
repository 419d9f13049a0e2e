import { isRunChannel } from "../../engine/wake-up-channels.ts";
import type { WakeUps } from "../../store/wake-ups.ts";

/** Between two announcements that a run has changed: who follows it can't read faster, and every one costs the server. */
const EVERY_MS = 40;

/** Announces that runs have changed at once, and then what changed meanwhile together. Everything else goes through as it is. */
export class ThrottledWakeUps implements WakeUps {
  readonly #wakeUps: WakeUps;
  #waiting = new Set<string>();
  #timer: NodeJS.Timeout | null = null;

  constructor(wakeUps: WakeUps) {
    this.#wakeUps = wakeUps;
  }

  notify(channel: string, word?: string): void {
    if (!isRunChannel(channel)) return this.#wakeUps.notify(channel, word);
    if (this.#timer !== null) return void this.#waiting.add(channel);
    this.#wakeUps.notify(channel);
    this.#rest();
  }

  listen(channel: string, call: () => void): () => void {
    return this.#wakeUps.listen(channel, call);
  }

  listenAll(call: (channel: string, word: string | null) => void): () => void {
    return this.#wakeUps.listenAll(call);
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    for (const channel of this.#waiting) this.#wakeUps.notify(channel);
    await this.#wakeUps.close();
  }

  #rest(): void {
    this.#timer = setTimeout(() => {
      this.#timer = null;
      const channels = this.#waiting;
      if (channels.size === 0) return;
      this.#waiting = new Set();
      for (const channel of channels) this.#wakeUps.notify(channel);
      this.#rest();
    }, EVERY_MS);
    this.#timer.unref();
  }
}
