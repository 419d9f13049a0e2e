import type { Instant } from "../../core/clock.ts";
import { toVersionRecord, type VersionRow } from "../version-row.ts";
import type { NewVersion, VersionRecord } from "../store.ts";
import { getBundleId, insertBundle } from "./bundle.sql.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";
import * as events from "./event.sql.ts";
import { triggersText } from "../subscription-names.ts";
import { dropSchedules, keepSchedules } from "./schedule.sql.ts";
import { insertTask, listTasks } from "./task.sql.ts";
import { getVersionByHash, insertVersion, touchVersion } from "./version.sql.ts";
import { getWorkflowId, insertWorkflow, setLatestVersion } from "./workflow.sql.ts";

/** Records a version with its bundle and task names, in the transaction that the caller opened. The same hash twice is one version. */
export function registerVersion(connection: SqliteConnection, version: NewVersion): VersionRecord {
  const known = connection.run(touchVersion({ hash: version.hash, file: version.file, now: version.createdAt })) === 1;
  if (!known) insert(connection, version);
  const record = toVersionRecord(connection.get<VersionRow>(getVersionByHash({ hash: version.hash }))!);
  if (version.latest === true) setLatest(connection, record, version.createdAt);
  return record;
}

function insert(connection: SqliteConnection, version: NewVersion): void {
  connection.run(insertBundle(version.bundle));
  connection.run(insertWorkflow({ name: version.manifest.name }));
  const workflow = idOf(connection, getWorkflowId({ name: version.manifest.name }));
  connection.run(
    insertVersion({
      hash: version.hash,
      workflow,
      bundle: idOf(connection, getBundleId({ hash: version.bundle.hash })),
      file: version.file,
      outside: JSON.stringify(version.outside),
      taskIds: JSON.stringify(taskIds(connection, workflow, version)),
      createdAt: version.createdAt,
      manifest: JSON.stringify(version.manifest),
    }),
  );
}

// By name, so that a task keeps its id, and with it its memory and its history, from version to version.
function taskIds(connection: SqliteConnection, workflow: number, { manifest }: NewVersion): number[] {
  for (const task of manifest.tasks) connection.run(insertTask({ workflow, name: task.name }));
  const ids = new Map(
    connection.all<{ id: number; name: string }>(listTasks({ workflow })).map((task) => [task.name, task.id]),
  );
  return manifest.tasks.map((task) => ids.get(task.name)!);
}

/** Its schedules and triggers go on under their names; those that are gone keep their windows and keys. */
function setLatest(connection: SqliteConnection, { id, workflow: name, manifest }: VersionRecord, now: Instant): void {
  const workflow = idOf(connection, getWorkflowId({ name }));
  connection.run(setLatestVersion({ workflow, version: id, now }));
  const names = JSON.stringify(manifest.schedules.map((schedule) => schedule.name));
  connection.run(keepSchedules({ workflow, names, now }));
  connection.run(dropSchedules({ workflow, names }));
  const triggers = triggersText(manifest);
  connection.run(events.keepSubscriptions({ workflow, triggers, now }));
  connection.run(events.dropSubscriptions({ workflow, triggers }));
  connection.run(events.dropSubjects({ workflow }));
  connection.run(events.insertSubjects({ workflow, triggers }));
  connection.run(events.dropUpdates({ workflow }));
}

const idOf = (connection: SqliteConnection, query: Parameters<SqliteConnection["get"]>[0]): number =>
  connection.get<{ id: number }>(query)!.id;
