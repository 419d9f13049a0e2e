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

  /** Those of a run that is somebody else's. */
  takeOf(run: LiveRun): readonly WaitingDrawer[] {
    const [its, others] = [[] as WaitingDrawer[], [] as WaitingDrawer[]];
    for (const drawer of this.#waiting) (drawer.run === run ? its : others).push(drawer);
    this.#waiting = others;
    return its;
  }

  take(): readonly WaitingDrawer[] {
    return this.#waiting.splice(0);
  }

  /**
   * A tick is over. One whose group was dropped is written again while its own claim is held; of a run that is somebody else's
   * it went there. Answers the runs that have something to write again.
   */
  settle(
    drawers: readonly WaitingDrawer[],
    dropped: ReadonlySet<LiveRun>,
    isHeld: (write: DrawerWrite) => boolean,
  ): readonly LiveRun[] {
    const again: LiveRun[] = [];
    for (const drawer of drawers) {
      const { run, write, settle } = drawer;
      if (!dropped.has(run)) settle(null);
      else if (run.released) continue;
      else if (!isHeld(write)) settle(new Error("the claim is no longer held"));
      else {
        this.#waiting.push(drawer);
        again.push(run);
      }
    }
    return again;
  }
}
