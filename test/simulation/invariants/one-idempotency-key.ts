import type { Commit, Invariant, Start } from "../invariant.ts";

export class OneIdempotencyKey implements Invariant {
  readonly fact = "the idempotency key is the same in every attempt, until a recorded success is thrown away";
  readonly #thrownAway = new Map<number, number>();
  readonly #keys = new Map<string, string>();
  readonly #owners = new Map<string, string>();

  committed({ group, result }: Commit): string[] {
    if (!result.applied) return [];
    for (const change of group.changes) {
      if (change.kind === "reopen" && change.from === "succeeded")
        this.#thrownAway.set(change.id, (this.#thrownAway.get(change.id) ?? 0) + 1);
    }
    return [];
  }

  *started({ assignment: { taskRunId, idempotencyKey } }: Start): Iterable<string> {
    const owner = `${taskRunId}~${this.#thrownAway.get(taskRunId) ?? 0}`;
    const known = this.#keys.get(owner) ?? idempotencyKey;
    if (known !== idempotencyKey) yield `task run ${taskRunId} is given "${idempotencyKey}" after "${known}"`;
    this.#keys.set(owner, known);
    const first = this.#owners.get(idempotencyKey) ?? owner;
    if (first !== owner) yield `"${idempotencyKey}" is given to ${owner} after ${first}`;
    this.#owners.set(idempotencyKey, first);
  }
}
