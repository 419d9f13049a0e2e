import type { Instant } from "../../core/clock.ts";
import { toErrorData } from "../../core/error-data.ts";
import type { Refusal } from "../../store/fleet.ts";
import type { Store, VersionRecord } from "../../store/store.ts";
import { type LiveVersion, LiveVersions } from "../live-version.ts";
import { isPassing } from "../patience.ts";

export interface ServedVersionsDeps {
  readonly store: Pick<Store, "getVersion">;
  readonly codeFile: (version: VersionRecord) => Promise<string>;
  /** Why this process cannot run a version, as a sentence; `null`: it can. */
  readonly unfit: (version: VersionRecord) => Promise<string | null>;
  readonly notice: (text: string) => void;
}

interface Refused extends Refusal {
  readonly until: Instant;
}

/** A version that was refused is looked at again after this: what it lacks may have been installed. */
const LOOK_AGAIN_US = 60_000_000;
/** Of each kind, the least recently met go first. One that is offered again is looked at again. */
const MAX_KNOWN = 1_000;
/** So many stand in the worker's row. */
const MAX_SHOWN = 20;

/** Which versions this process can run. It claims nothing of a version before that is known and its code is here: what it leaves stays queued for others. */
export class ServedVersions {
  readonly #deps: ServedVersionsDeps;
  readonly #versions: LiveVersions;
  readonly #served = new Map<number, LiveVersion>();
  readonly #refused = new Map<number, Refused>();

  constructor(deps: ServedVersionsDeps) {
    this.#deps = deps;
    this.#versions = new LiveVersions(deps.codeFile);
  }

  get ids(): readonly number[] {
    return [...this.#served.keys()];
  }

  get refusals(): readonly Refusal[] {
    const latest = [...this.#refused.values()].slice(-MAX_SHOWN);
    return latest.map(({ workflow, version, reason }) => ({ workflow, version, reason }));
  }

  /** Those that need no look now. */
  known(now: Instant): readonly number[] {
    return [...this.#served.keys(), ...[...this.#refused].filter(([, { until }]) => until > now).map(([id]) => id)];
  }

  /** @throws TuttiError `VERSION_NOT_FOUND`, and what the store or the disk throws */
  async get(id: number): Promise<LiveVersion> {
    const served = this.#served.get(id);
    if (served) {
      this.#served.delete(id);
      this.#served.set(id, served);
      return served;
    }
    const record = await this.#deps.store.getVersion(id);
    if (record === null) throw new RangeError(`version ${id} is not in the store`);
    return this.#versions.get(record);
  }

  /** Looks at versions that are offered. Answers whether there are now more that can be run. @throws what passes of the store's errors */
  async learn(ids: readonly number[], now: Instant): Promise<boolean> {
    let learned = false;
    for (const id of ids) learned = (await this.#learn(id, now)) || learned;
    return learned;
  }

  async #learn(id: number, now: Instant): Promise<boolean> {
    const record = await this.#deps.store.getVersion(id);
    if (record === null) return false;
    let reason: string | null;
    try {
      reason = await this.#deps.unfit(record);
      if (reason === null) put(this.#served, id, await this.#versions.get(record));
    } catch (thrown) {
      if (isPassing(thrown)) throw thrown;
      reason = `its code could not be had: ${toErrorData(thrown).message}`;
    }
    if (reason === null) {
      this.#refused.delete(id);
      return true;
    }
    this.#refuse(record, reason, now);
    return false;
  }

  #refuse({ id, workflow, hash }: VersionRecord, reason: string, now: Instant): void {
    if (this.#refused.get(id)?.reason !== reason)
      this.#deps.notice(`Leaves the tasks of workflow "${workflow}", version "${hash}", to other workers: ${reason}`);
    this.#refused.delete(id);
    put(this.#refused, id, { workflow, version: hash, reason, until: now + LOOK_AGAIN_US });
  }
}

function put<Known>(known: Map<number, Known>, id: number, value: Known): void {
  known.set(id, value);
  const [oldest] = known.keys();
  if (known.size > MAX_KNOWN && oldest !== undefined) known.delete(oldest);
}
