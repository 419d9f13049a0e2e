import type { Engine } from "../engine/engine.ts";
import { Backfiller, type BackfillerDeps } from "../engine/backfill/backfiller.ts";
import { engineStarter, newRunId } from "../engine/firing/engine-starter.ts";
import { scheduleClock } from "../engine/firing/schedule-clock.ts";
import type { BackfillRecord } from "../store/backfills.ts";
import type { Store } from "../store/store.ts";
import { wallClock } from "../store/wall-clock.ts";
import { backfillOf, type BackfillRequest, carryOut } from "./backfill-request.ts";

export interface OwnBackfillsDeps {
  readonly store: Store;
  readonly engine: Engine;
  readonly notice: (text: string) => void;
}

/**
 * The backfills of an owned store. An owner that stays works on all of them; one that came for something else only on those that it was
 * asked for, and for as long as it is there.
 */
export class OwnBackfills {
  readonly #deps: OwnBackfillsDeps;
  readonly #own = new Set<string>();
  #backfiller: Backfiller | null = null;
  #stays = false;

  constructor(deps: OwnBackfillsDeps) {
    this.#deps = deps;
  }

  /** `serves`: runs tasks; else what was asked is only recorded, and a cancel is seen through. */
  async do(request: BackfillRequest, serves: boolean, onRest: OnRest = () => {}): Promise<BackfillRecord | null> {
    const record = await carryOut(this.#deps.store, request);
    if (record === null) return null;
    if (!this.#stays && (serves || request.kind === "cancel")) this.#own.add(backfillOf(request));
    if (!serves) {
      if (request.kind === "cancel") await this.#seeThrough();
    } else this.#goOn(onRest);
    return record;
  }

  /** From now on it works on all there are. */
  stay(): void {
    this.#stays = true;
    this.#goOn(() => {});
  }

  /** Something was deployed. */
  changed(): void {
    this.#backfiller?.changed();
  }

  /** A run of the workflow has ended. */
  ended(workflow: string): void {
    this.#backfiller?.ended(workflow);
  }

  async stop(): Promise<void> {
    await this.#backfiller?.stop();
  }

  /** What is at work of it is told to stop, and has when nothing runs here. */
  async #seeThrough(): Promise<void> {
    const backfiller = this.#make(() => {});
    await backfiller.tick();
    await this.#deps.engine.settled();
    await backfiller.tick();
  }

  #goOn(onRest: OnRest): void {
    if (this.#backfiller !== null) return this.#backfiller.changed();
    this.#backfiller = this.#make(onRest);
    this.#backfiller.start();
  }

  #make(onRest: OnRest): Backfiller {
    const { store, engine, notice } = this.#deps;
    return new Backfiller({
      store,
      notice,
      onRest,
      newId: newRunId,
      clock: scheduleClock(wallClock),
      starter: engineStarter(engine),
      yields: () => this.#stays,
      only: () => (this.#stays ? null : [...this.#own]),
    });
  }
}

type OnRest = NonNullable<BackfillerDeps["onRest"]>;
