import type { LimitUse } from "../../core/limit.ts";
import type { LimitUsage } from "../../store/limits.ts";

/**
 * How much room each limit has, as far as this engine knows. With one engine that is how it is; beside others it is a guess, and the
 * store says so when it was wrong. What is not known is asked for, and what nobody waits for is forgotten.
 */
export class LimitRooms {
  readonly #known = new Map<string, { used: number; max: number | null; freeInMs: number | null }>();

  knows(name: string): boolean {
    return this.#known.has(name);
  }

  /** The first of these that is not known. */
  unknown(uses: readonly LimitUse[]): string | null {
    for (const { name } of uses) if (!this.#known.has(name)) return name;
    return null;
  }

  /** The first of these that has no room; `null`: there is room in all. `holds`: they are taken already, for this very one. */
  full(uses: readonly LimitUse[], holds: boolean): LimitUse | null {
    for (const use of uses) {
      const known = this.#known.get(use.name);
      if (!known) return use;
      const own = holds && use.perMs === null ? use.slots : 0;
      if (known.used - own + use.slots > (use.max ?? known.max ?? 0)) return use;
    }
    return null;
  }

  /** `holds`: what it takes counts already. */
  take(uses: readonly LimitUse[], holds: boolean): void {
    for (const { name, slots, perMs } of uses) {
      if (holds && perMs === null) continue;
      const known = this.#known.get(name);
      if (known) known.used += slots;
    }
  }

  /** What was taken was given back. Answers the limits that have more room now. */
  release(uses: readonly LimitUse[]): readonly string[] {
    const freed: string[] = [];
    for (const { name, slots, perMs } of uses) {
      if (perMs !== null) continue;
      const known = this.#known.get(name);
      if (known) known.used = Math.max(0, known.used - slots);
      // Of a pool its size is worth remembering; of keys and runs there are many.
      if (known?.used === 0 && known.max === null) this.#known.delete(name);
      freed.push(name);
    }
    return freed;
  }

  learn(usages: readonly LimitUsage[]): void {
    for (const { name, used, max, freeInMs } of usages) this.#known.set(name, { used, max, freeInMs });
  }

  /** Of a rate: when it may have room again. */
  freeInMs(name: string): number | null {
    return this.#known.get(name)?.freeInMs ?? null;
  }

  /** It is asked for when it is needed next. */
  forget(name: string): void {
    this.#known.delete(name);
  }

  clear(): void {
    this.#known.clear();
  }
}
