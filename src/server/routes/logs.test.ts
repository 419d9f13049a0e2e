import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { LogWriter } from "../../engine/logs/log-writer.ts";
import { testServer } from "../fixture.test-data.ts";

const LOCAL = { as: "local" } as const;

interface Answered {
  readonly items: { readonly message: string; readonly task: string | null; readonly attempt: number | null }[];
  readonly next: string | null;
  readonly more: boolean;
}

/** Two workers wrote about the run that has failed: what `load` says is an error now and then. */
async function logWorld(lines = 60) {
  const world = await testServer();
  const { failed, going } = await world.fill();
  const detail = (await world.reader.runDetail(failed))!;
  const writers = ["one", "two/..", "three"].map((worker) => new LogWriter({ dir: world.config.logsDir, worker }));
  const written: string[] = [];
  for (let at = 0; at < lines; at++) {
    const { id, claim, task } = detail.taskRuns[at % 2]!;
    const message = `${task} line ${at}`;
    const level = at % 10 === 1 ? ("error" as const) : ("info" as const);
    const line = { taskRunId: id, claim, runId: failed, at: at * 1_000, level, source: "log" as const };
    writers[at % 3]!.add({ ...line, message, fields: null });
    written.push(message);
    // So that time is the order: in one flush, lines stand by their task.
    writers[at % 3]!.flush();
  }
  for (const writer of writers) writer.close();
  const get = async (query = "", run = failed) =>
    (await (await world.ask(`/api/runs/${run}/logs${query}`, LOCAL)).json()) as Answered;
  return { ...world, failed, going, written, get };
}

const messages = ({ items }: Answered): string[] => items.map(({ message }) => message);

test("what several workers wrote is read page by page, all of it once, in the order of time", async () => {
  const { get, written } = await logWorld();
  const found: string[] = [];
  let page = await get("?limit=7");
  for (; ; page = await get(`?limit=7&cursor=${page.next}`)) {
    found.push(...messages(page));
    if (page.next === null) break;
  }
  expect(found).toEqual(written);
  expect(page.more).toBe(false);
  expect(messages(await get("?from=58"))).toEqual(written.slice(58));
  expect(messages(await get("?tail=3"))).toEqual(written.slice(-3));
});

test("filters hold over all pages, and a cursor goes with its filters only", async () => {
  const { get, ask, failed, written } = await logWorld();
  const query = "?task=load&level=error&limit=2";
  const wanted = written.filter((_, at) => at % 10 === 1);
  const first = await get(query);
  expect(messages(first)).toEqual(wanted.slice(0, 2));
  expect(first.items[0]).toMatchObject({ task: "load", attempt: 1 });
  expect(messages(await get(`${query}&cursor=${first.next}`))).toEqual(wanted.slice(2, 4));
  expect(messages(await get("?task=load&level=error&from=4"))).toEqual(wanted.slice(4));
  expect(messages(await get("?q=LINE 11"))).toEqual(["load line 11"]);
  expect(messages(await get("?task=extract&attempt=2"))).toEqual([]);
  expect(messages(await get("?level=error&tail=1"))).toEqual(wanted.slice(-1));
  for (const other of [
    `?q=line&cursor=${first.next}`,
    "?cursor=x",
    `?task=load&level=error&cursor=${"y".repeat(9000)}`,
  ])
    expect((await ask(`/api/runs/${failed}/logs${other}`, LOCAL)).status).toBe(400);
});

test("of a run that goes on there is always a next page, which finds what was written since", async () => {
  const { get, going, config } = await logWorld(0);
  const writer = new LogWriter({ dir: config.logsDir, worker: "late" });
  const line = { taskRunId: 1, claim: 1, runId: going, level: "info", source: "log", fields: null } as const;
  const before = await get("", going);
  expect(before).toMatchObject({ items: [], more: false, next: expect.any(String) as string });
  writer.add({ ...line, at: 1, message: "a" });
  writer.flush();
  const first = await get(`?cursor=${before.next}`, going);
  expect(messages(first)).toEqual(["a"]);
  writer.add({ ...line, at: 2, message: "b" });
  writer.close();
  expect(messages(await get(`?cursor=${first.next}`, going))).toEqual(["b"]);
});

test("the download is the same lines, and nothing but its head where only that is asked for", async () => {
  const { ask, failed, written } = await logWorld(3_000);
  const download = (query = "", method = "GET") =>
    ask(`/api/runs/${failed}/logs/download${query}`, { ...LOCAL, method });
  const answer = await download();
  expect(answer.headers.get("content-type")).toBe("application/x-ndjson; charset=utf-8");
  const lines = (await answer.text()).trimEnd().split("\n");
  expect(lines.map((line) => (JSON.parse(line) as { message: string }).message)).toEqual(written);
  const some = await (await download("?q=line 2999")).text();
  expect(some.trimEnd().split("\n")).toHaveLength(1);
  expect(await (await download("?q=nowhere")).text()).toBe("");
  expect(await (await download("", "HEAD")).text()).toBe("");
});

test("whoever stops reading a download leaves no file open", { skip: !existsSync("/proc/self/fd") }, async () => {
  const { ask, failed, config } = await logWorld(3_000);
  const open = () =>
    readdirSync("/proc/self/fd").filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).startsWith(join(config.logsDir, failed));
      } catch {
        return false;
      }
    });
  const answer = await ask(`/api/runs/${failed}/logs/download`, LOCAL);
  expect(open()).toHaveLength(3);
  await answer.body!.cancel();
  expect(open()).toEqual([]);
});
