import type { DrawerWrite } from "../store/store.ts";
import type { LiveRun } from "./live-run.ts";

export interface WaitingDrawer {
  readonly run: LiveRun;
  readonly write: DrawerWrite;
  readonly settle: (error: Error | null) => void;
}

/** Drawers that tasks have written and no commit has yet; each task waits for the answer. */
export class DrawerQueue {
  #waiting: WaitingDrawer[] = [];

  /** Resolves when the drawer is durable; rejects when its claim is no longer held. */
  add(run: LiveRun, write: DrawerWrite): Promise<void> {
    return new Promise((resolve, reject) =>
      this.#waiting.push({ run, write, settle: (error) => (error ? reject(error) : resolve()) }),
    );
  }

  take(): readonly WaitingDrawer[] {
    return this.#waiting.splice(0);
  }

  /** The group that it stood in was dropped: it is written again while its own claim is held. Answers whether it is. */
  tryAgain(drawer: WaitingDrawer, held: boolean): boolean {
    if (held) this.#waiting.push(drawer);
    else drawer.settle(new Error("the claim is no longer held"));
    return held;
  }
}
