import { runContracts } from "../../api/run-contracts.ts";
import { TuttiError } from "../../core/errors.ts";
import { on } from "../handler.ts";
import { isRunId, PageCursor, sliced } from "../page-cursor.ts";
import { attemptDocument, outputDocument, runDetailDocument, runDocument, taskRunDocument } from "../run-document.ts";
import { selected } from "../run-selection.ts";
import { visibleRun } from "../visible-run.ts";

export const runRoutes = [
  on(runContracts.list, async ({ query, caller }, { reader, catalog }) => {
    const { limit = 100 } = query;
    const at = new PageCursor("runs", query);
    const before = at.read(query.cursor, isRunId);
    const { limit: _limit, cursor: _cursor, ...selection } = query;
    const chosen = await selected(selection, caller, catalog);
    if (chosen === null) return { items: [], next: null };
    // One more than asked for says whether there is a next page.
    const found = await reader.listRuns({ ...chosen, ...(before === undefined ? {} : { before }), limit: limit + 1 });
    const runs = found.slice(0, limit);
    return {
      items: runs.map((run) => runDocument(run, run.version)),
      next: found.length > limit ? at.at(runs.at(-1)!.id) : null,
    };
  }),

  on(runContracts.get, async ({ params, caller }, server) => {
    const found = await visibleRun(params.run, caller, server);
    return runDetailDocument(found, found.version);
  }),

  on(runContracts.taskRuns, async ({ params, query, caller }, server) => {
    const { run } = await visibleRun(params.run, caller, server);
    const { outputs = false } = query;
    const detail = await server.reader.runDetail(run.id, { outputs });
    const rows = (detail?.taskRuns ?? []).filter(
      ({ task, state }) =>
        (query.task === undefined || task === query.task) && (query.state === undefined || query.state.includes(state)),
    );
    const page = sliced(rows, query, new PageCursor(`task-runs ${run.id}`, query));
    const items = page.items.map((row) => ({
      ...taskRunDocument(row),
      ...(outputs && { output: outputDocument(row) }),
    }));
    return { ...page, items };
  }),

  on(runContracts.taskRun, async ({ params, caller }, server) => {
    const { run } = await visibleRun(params.run, caller, server);
    const id = Number(params.taskRun);
    const row = (await server.reader.runDetail(run.id))?.taskRuns.find((each) => each.id === id);
    if (row === undefined)
      throw new TuttiError("TASK_RUN_NOT_FOUND", `Run "${run.id}" has no task run "${params.taskRun}".`);
    const attempts = (await server.reader.attempts(run.id)).filter(({ taskRunId }) => taskRunId === id);
    return { ...taskRunDocument(row), output: outputDocument(row), attempts: attempts.map(attemptDocument) };
  }),

  on(runContracts.attempts, async ({ params, query, caller }, server) => {
    const { run } = await visibleRun(params.run, caller, server);
    const rows = (await server.reader.attempts(run.id)).filter(
      ({ task }) => query.task === undefined || task === query.task,
    );
    const page = sliced(rows, query, new PageCursor(`attempts ${run.id}`, query));
    return { ...page, items: page.items.map(attemptDocument) };
  }),
];
