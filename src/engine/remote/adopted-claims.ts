import type { Fleet, HeldClaim } from "../../store/fleet.ts";
import { isPassing } from "../patience.ts";

/**
 * Executions that the scheduler of this process had claimed, and whose end it hears of as of any other from elsewhere. Of a row
 * that is running under this process's name and that nobody here is at, it would believe that its claim was never begun: also
 * after the result is durable, until somebody has used it. So each is remembered until the store says that it is over.
 */
export class AdoptedClaims {
  readonly #fleet: Pick<Fleet, "heldClaims">;
  readonly #refused: (error: unknown) => void;
  readonly #claims = new Map<string, HeldClaim>();
  #isAsking = false;

  constructor(fleet: Pick<Fleet, "heldClaims">, refused: (error: unknown) => void) {
    this.#fleet = fleet;
    this.#refused = refused;
  }

  add({ taskRunId, claim }: HeldClaim): void {
    this.#claims.set(keyOf({ taskRunId, claim }), { taskRunId, claim });
  }

  has(claim: HeldClaim): boolean {
    return this.#claims.size > 0 && this.#claims.has(keyOf(claim));
  }

  /** Claims only rise: what is over stays so. */
  async forgetOver(): Promise<void> {
    if (this.#isAsking || this.#claims.size === 0) return;
    this.#isAsking = true;
    try {
      const asked = [...this.#claims.values()];
      const running = new Set((await this.#fleet.heldClaims(asked)).map(keyOf));
      for (const claim of asked) if (!running.has(keyOf(claim))) this.#claims.delete(keyOf(claim));
    } catch (error) {
      if (!isPassing(error)) this.#refused(error);
    }
    this.#isAsking = false;
  }
}

const keyOf = ({ taskRunId, claim }: HeldClaim): string => `${taskRunId}/${claim}`;
