import { addMs, type Instant } from "../../core/clock.ts";
import type { Cause } from "../../core/event.ts";
import type { WindowOfRun } from "../../core/run-call.ts";
import type { RunState } from "../../core/run-state.ts";
import * as contract from "../calls.ts";
import type { NewRun } from "../store.ts";
import { type TaskRunEndRow, toTaskRunEnd } from "../task-run-row.ts";
import * as sql from "./call.sql.ts";
import { putCause } from "./event.sql.ts";
import type { GroupWriter } from "./group-writer.ts";
import type { OwnedFile } from "./owned-file.ts";
import { groupOf } from "./sqlite-schedules.ts";

/** Runs that task runs ask for, on a file. */
export class SqliteCalls implements contract.Calls {
  readonly #file: OwnedFile;
  readonly #writer: GroupWriter;

  constructor(file: OwnedFile, writer: GroupWriter) {
    this.#file = file;
    this.#writer = writer;
  }

  async follow(workflow: string) {
    this.#file.write(() => void this.#file.connection.run(sql.follow({ workflow })));
  }

  async start(run: NewRun, cause: Cause) {
    return this.#writer.creating((create) => {
      const made = create(groupOf(run), { window: null, held: false });
      if (made !== null) this.#file.connection.run(putCause({ run: made.seq, cause: JSON.stringify(cause) }));
      return made !== null;
    });
  }

  async head(runId: string) {
    const row = this.#file.connection.get<{ state: RunState; version: number }>(sql.getCalledHead({ runId }));
    return row && { state: row.state, versionId: row.version };
  }

  async results(runId: string, taskIds: readonly number[], limit: number) {
    const query = sql.listResults({ runId, tasks: JSON.stringify(taskIds), limit });
    return this.#file.connection.all<TaskRunEndRow>(query).map(toTaskRunEnd);
  }

  async firstFailed(runId: string) {
    const row = this.#file.connection.get<TaskRunEndRow>(sql.getFirstFailed({ runId }));
    return row && toTaskRunEnd(row);
  }

  async runsIn(workflow: string, { start, end }: { readonly start: Instant; readonly end: Instant }) {
    const from = addMs(start, -contract.MAX_WINDOW_MS);
    const query = sql.listRunsIn({ workflow, from, start, end, limit: contract.MAX_RUNS_IN });
    return this.#file.connection.all<WindowOfRun>(query);
  }
}
