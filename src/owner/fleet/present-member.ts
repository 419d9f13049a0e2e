import type { StorePlace } from "../../loader/config-store.ts";
import { newWorkerName } from "../../engine/worker-name.ts";
import { openStore } from "../open-store.ts";
import { ProcessBeat } from "../process-beat.ts";
import { thisProcess } from "../process-record.ts";
import type { StayOptions, Staying } from "../stay.ts";

const LEASE_MS = 6_000;

/** A process of a PostgreSQL store that neither schedules nor works: it is seen by the others, and sees when the store is another one. */
export class PresentMember implements Staying {
  readonly name: string;
  readonly slots = 0;
  readonly failed: Promise<never>;
  readonly #close: () => Promise<void>;

  private constructor(name: string, failed: Promise<never>, close: () => Promise<void>) {
    this.name = name;
    this.failed = failed;
    this.#close = close;
  }

  /** @throws TuttiError as `openPostgresStore` */
  static async open(
    { roles, labels, notice }: Pick<StayOptions, "roles" | "labels" | "notice">,
    place: StorePlace & { kind: "postgres" },
  ): Promise<PresentMember> {
    const name = newWorkerName();
    const { promise: failed, reject } = Promise.withResolvers<never>();
    failed.catch(() => {});
    const store = await openStore(place);
    try {
      const beat = await ProcessBeat.begin({
        processes: store.processes,
        process: thisProcess({ name, roles, queues: [], slots: 0, labels }),
        leaseMs: LEASE_MS,
        notice,
        onFatal: reject,
      });
      return new PresentMember(name, failed, async () => {
        await beat.leave();
        await store.close();
      });
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#close();
  }
}
