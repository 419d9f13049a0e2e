import type { Clock } from "../../core/clock.ts";
import type { Heard, NewProcess, ProcessList } from "../process-list.ts";
import { factsOf, heard } from "../process-row.ts";
import type { OwnedFile } from "./owned-file.ts";
import { deleteDeadProcesses, deleteProcess, keepProcess } from "./process.sql.ts";

const DAY_US = 86_400_000_000;

/** The processes of a file: its owner. */
export class SqliteProcesses implements ProcessList {
  readonly #file: OwnedFile;
  readonly #clock: Clock;

  constructor(file: OwnedFile, clock: Clock) {
    this.#file = file;
    this.#clock = clock;
  }

  async keep(process: NewProcess, leaseMs: number): Promise<Heard> {
    const { name, instance } = process;
    const now = this.#clock.now();
    const row = { name, instance, facts: factsOf(process), now, leaseUntil: now + leaseMs * 1000 };
    const kept = this.#file.write(() => this.#file.connection.get<{ store: string }>(keepProcess(row)));
    return heard(name, kept === null ? null : { now, store: kept.store });
  }

  async leave({ name, instance }: Pick<NewProcess, "name" | "instance">): Promise<void> {
    this.#file.write(() => {
      this.#file.connection.run(deleteProcess({ name, instance }));
      this.#file.connection.run(deleteDeadProcesses({ deadSince: this.#clock.now() - DAY_US }));
    });
  }
}
