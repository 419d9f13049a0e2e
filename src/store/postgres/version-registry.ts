import type { Instant } from "../../core/clock.ts";
import type { NewVersion, VersionRecord } from "../store.ts";
import { toVersionRecord as toRecord, type VersionRow } from "../version-row.ts";
import { getBundleId, insertBundle } from "./bundle.sql.ts";
import type { Session } from "./postgres-connection.ts";
import * as events from "./event.sql.ts";
import { triggersText } from "../subscription-names.ts";
import { dropSchedules, keepSchedules } from "./schedule.sql.ts";
import { fromStoredText, toStoredText } from "../stored-text.ts";
import { insertTasks, listTasks } from "./task.sql.ts";
import { getVersionByHash, insertVersion, touchVersion } from "./version.sql.ts";
import { getWorkflowId, insertWorkflow, setLatestVersion } from "./workflow.sql.ts";

/** Records a version with its bundle and task names, in the transaction that the caller opened. The same hash twice is one version. */
export async function registerVersion(session: Session, version: NewVersion): Promise<VersionRecord> {
  const hash = toStoredText(version.hash);
  const file = toStoredText(version.file);
  const known = (await session.run(touchVersion({ hash, file, now: version.createdAt }))) === 1;
  if (!known) await insert(session, version, hash, file);
  const record = toVersionRecord((await session.get<VersionRow>(getVersionByHash({ hash })))!);
  if (version.latest === true) await setLatest(session, record, version.createdAt);
  return record;
}

export function toVersionRecord(row: VersionRow): VersionRecord {
  const record = toRecord(row);
  return {
    ...record,
    hash: fromStoredText(record.hash),
    workflow: fromStoredText(record.workflow),
    bundleHash: fromStoredText(record.bundleHash),
    file: fromStoredText(record.file),
  };
}

async function insert(session: Session, version: NewVersion, hash: string, file: string): Promise<void> {
  const { code, map } = version.bundle;
  const bundle = { hash: toStoredText(version.bundle.hash) };
  const name = toStoredText(version.manifest.name);
  await session.run(
    insertBundle({ ...bundle, code: toStoredText(code), map: map === null ? null : toStoredText(map) }),
  );
  await session.run(insertWorkflow({ name }));
  const workflow = await idOf(session, getWorkflowId({ name }));
  await session.run(
    insertVersion({
      hash,
      workflow,
      bundle: await idOf(session, getBundleId(bundle)),
      file,
      outside: JSON.stringify(version.outside),
      taskIds: JSON.stringify(await taskIds(session, workflow, version)),
      createdAt: version.createdAt,
      manifest: JSON.stringify(version.manifest),
    }),
  );
}

// By name, so that a task keeps its id, and with it its memory and its history, from version to version.
async function taskIds(session: Session, workflow: number, { manifest }: NewVersion): Promise<number[]> {
  const names = manifest.tasks.map((task) => toStoredText(task.name));
  await session.run(insertTasks({ workflow, names: JSON.stringify(names) }));
  const tasks = await session.all<{ id: number; name: string }>(listTasks({ workflow }));
  const ids = new Map(tasks.map((task) => [task.name, task.id]));
  return names.map((name) => ids.get(name)!);
}

/** Its schedules and triggers go on under their names; those that are gone keep their windows and keys. */
async function setLatest(
  session: Session,
  { id, workflow: name, manifest }: VersionRecord,
  now: Instant,
): Promise<void> {
  const workflow = await idOf(session, getWorkflowId({ name: toStoredText(name) }));
  await session.run(setLatestVersion({ workflow, version: id, now }));
  const names = JSON.stringify(manifest.schedules.map((schedule) => toStoredText(schedule.name)));
  await session.run(keepSchedules({ workflow, names, now }));
  await session.run(dropSchedules({ workflow, names }));
  const triggers = triggersText(manifest);
  await session.run(events.keepSubscriptions({ workflow, triggers, now }));
  await session.run(events.dropSubscriptions({ workflow, triggers }));
  await session.run(events.dropSubjects({ workflow }));
  await session.run(events.insertSubjects({ workflow, triggers }));
  await session.run(events.dropUpdates({ workflow }));
}

const idOf = async (session: Session, query: Parameters<Session["get"]>[0]): Promise<number> =>
  (await session.get<{ id: number }>(query))!.id;
