import type { Dice } from "./dice.ts";

/** Everything that can go wrong in a world, with the chance of it each time it could. A new feature adds its faults here. */
const CHANCES = {
  storeFailsBefore: 0.12,
  storeFailsAfter: 0.08,
  storeRemembers: 0.5,
  storeRefusesForGood: 0.01,
  storeIsSlow: 0.15,
  readFails: 0.12,
  crashBeforeCommit: 0.02,
  crashAfterCommit: 0.02,
  writeOutlivesEngine: 0.3,
  taskDies: 0.07,
  resultIsLost: 0.06,
  resultRepeats: 0.15,
  resultIsLate: 0.06,
  taskIsSlow: 0.15,
  drawerWrite: 0.25,
  taskWaits: 0.35,
  clockIsWrong: 0.5,
  sameName: 0.5,
  onWorkerLostFail: 0.15,
  wakeUpIsLost: 0.2,
} as const;

/** From one to the next of what strikes from outside, in milliseconds of the world. */
const EVERY_MS = {
  crash: 6_000,
  hostDies: 5_000,
  restart: 9_000,
  zombieWrites: 400,
  rivalMoves: 1_500,
  clockJumps: 5_000,
  standsStill: 6_000,
  isCutOff: 6_000,
} as const;

export const FAULTS = Object.keys(CHANCES) as readonly Fault[];
export const STRIKES = Object.keys(EVERY_MS) as readonly Strike[];

export type Fault = keyof typeof CHANCES;
export type Strike = keyof typeof EVERY_MS;

/** Which of the faults a world has: each seed its own choice, because faults that are always there hide what happens without them. */
export class FaultPlan {
  /** No fault comes any more; what is broken may mend. */
  calm = false;
  readonly #dice: Dice;
  readonly #chances = new Map<Fault, number>();
  readonly strikes: readonly { readonly strike: Strike; readonly everyMs: number }[];

  constructor(dice: Dice) {
    this.#dice = dice;
    const share = dice.pick([0, 0.3, 0.6, 1]);
    for (const fault of FAULTS) {
      if (dice.chance(share)) this.#chances.set(fault, CHANCES[fault]);
    }
    this.strikes = STRIKES.filter(() => dice.chance(share)).map((strike) => ({ strike, everyMs: EVERY_MS[strike] }));
  }

  get hasAny(): boolean {
    return this.#chances.size + this.strikes.length > 0;
  }

  strikesNow(fault: Fault): boolean {
    const chance = this.#chances.get(fault) ?? 0;
    return !this.calm && this.#dice.chance(chance);
  }

  toString(): string {
    const strikes = this.strikes.map(({ strike }) => strike);
    return [...this.#chances.keys(), ...strikes].join(", ") || "none";
  }
}
