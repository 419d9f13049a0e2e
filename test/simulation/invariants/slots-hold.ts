import type { Invariant, Start } from "../invariant.ts";

export class SlotsHold implements Invariant {
  readonly fact = "a worker never has more tasks than slots";

  *started({ host, busy, slots }: Start): Iterable<string> {
    if (busy > slots) yield `worker "${host}" has ${busy} tasks and ${slots} slots`;
  }
}
