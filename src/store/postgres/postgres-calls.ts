import { addMs, type Instant } from "../../core/clock.ts";
import type { Cause } from "../../core/event.ts";
import type { WindowOfRun } from "../../core/run-call.ts";
import type { RunState } from "../../core/run-state.ts";
import * as contract from "../calls.ts";
import { toStoredText } from "../stored-text.ts";
import type { NewRun } from "../store.ts";
import { type TaskRunEndRow, toTaskRunEnd } from "../task-run-row.ts";
import * as sql from "./call.sql.ts";
import { startRun } from "./event.sql.ts";
import type { PostgresConnection } from "./postgres-connection.ts";
import { startedRunRow } from "./postgres-events.ts";
import { fromUuid, toUuid } from "./run-uuid.ts";

/** Runs that task runs ask for, on a database that many processes share. */
export class PostgresCalls implements contract.Calls {
  readonly #connection: PostgresConnection;

  constructor(connection: PostgresConnection) {
    this.#connection = connection;
  }

  async follow(workflow: string) {
    await this.#connection.run(sql.follow({ workflow: toStoredText(workflow) }));
  }

  start(run: NewRun, cause: Cause, scheduler?: number) {
    const given = {
      subscription: null,
      held: 0,
      cause: JSON.stringify(cause),
      run: JSON.stringify(startedRunRow(run)),
    };
    return this.#connection.transaction(async (session) => {
      const row = await session.get<{ started: boolean }>(startRun({ scheduler: scheduler ?? null, ...given }));
      return row?.started === true;
    });
  }

  async head(runId: string) {
    const uuid = toUuid(runId);
    const row = uuid && (await this.#connection.get<{ state: RunState; version: number }>(sql.getCalledHead({ uuid })));
    return row ? { state: row.state, versionId: row.version } : null;
  }

  async results(runId: string, taskIds: readonly number[], limit: number) {
    const uuid = toUuid(runId);
    if (uuid === null) return [];
    const query = sql.listResults({ uuid, tasks: `{${taskIds.join(",")}}`, limit });
    return (await this.#connection.all<TaskRunEndRow>(query)).map(toTaskRunEnd);
  }

  async firstFailed(runId: string) {
    const uuid = toUuid(runId);
    const row = uuid && (await this.#connection.get<TaskRunEndRow>(sql.getFirstFailed({ uuid })));
    return row ? toTaskRunEnd(row) : null;
  }

  async runsIn(workflow: string, { start, end }: { readonly start: Instant; readonly end: Instant }) {
    const from = addMs(start, -contract.MAX_WINDOW_MS);
    const name = toStoredText(workflow);
    const query = sql.listRunsIn({ workflow: name, from, start, end, limit: contract.MAX_RUNS_IN });
    return (await this.#connection.all<WindowOfRun>(query)).map((row) => ({ ...row, id: fromUuid(row.id) }));
  }
}
