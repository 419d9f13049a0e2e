import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { tempProject } from "../../../test/support/temp-project.ts";
import { setConnectionResolver } from "../../authoring/connection.ts";
import type { Polled } from "../../authoring/on-poll.ts";
import { objectsSuite } from "../../objects/objects-suite.test-data.ts";
import { objectStore } from "./index.ts";

const folder = mkdtempSync(join(tmpdir(), "tutti-lake-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
objectsSuite("A folder", () => `file:${folder}`);

describe("a handle", () => {
  let given: unknown;
  let before: ReturnType<typeof setConnectionResolver>;
  beforeEach(() => void (before = setConnectionResolver(() => given)));
  afterEach(() => void setConnectionResolver(before));
  const lake = objectStore("lake");

  it("refuses a link that leads out of its folder", async () => {
    const project = tempProject();
    mkdirSync(project.path("inside"));
    writeFileSync(project.path("secret"), "secret");
    symlinkSync(project.path("."), project.path("inside/out"));
    given = `file:${project.path("inside")}`;
    await expect(lake.bytes("out/secret")).rejects.toMatchObject({ code: "OBJECT_OUTSIDE_PREFIX" });
    await expect(lake.write("out/new", "x")).rejects.toMatchObject({ code: "OBJECT_OUTSIDE_PREFIX" });
  });

  it("calls a test's fake, and says what it lacks", async () => {
    given = { json: async (key: string) => ({ key }) };
    expect(await lake.json("a")).toEqual({ key: "a" });
    await expect(lake.delete("a")).rejects.toMatchObject({ code: "FAKE_INCOMPLETE" });
  });

  it("gives a trigger what has come since its cursor, as events", async () => {
    const project = tempProject({ "lake/in/a": "1", "lake/other": "1" });
    given = `file:${project.path("lake")}`;
    const look = lake.onNewObjects("in/", { every: "1s" }).functions.poll!;
    const call = { signal: new AbortController().signal, fresh: false };
    const first = (await look(null, call)) as Polled<string>;
    expect(first).toMatchObject({ more: false, events: [{ payload: { key: "in/a", size: 1 } }] });
    expect(await look(first.cursor, call)).toBeUndefined();
    project.write("lake/in/b", "22");
    expect(await look(first.cursor, call)).toMatchObject({ events: [{ payload: { key: "in/b", size: 2 } }] });
    expect(() => lake.onNewObjects("in/", { limit: 1_001 })).toThrow("at most 1000");
  });

  it.each([
    "s3:bucket",
    "s3://",
    "s3://bucket/../other",
    "s3://key:secret@bucket/x",
    "s3://bucket?secret_accesskey=secret",
    "ftp://secret/x",
    "secret",
  ])("refuses the URL %j without showing it", async (url) => {
    given = url;
    const error: unknown = await lake.head("a").catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: "CONNECTION_URL_REFUSED" });
    expect((error as Error).message.split("It looks like")[0]).not.toContain("=secret");
    expect((error as Error).message).not.toContain("key:secret");
  });

  it("refuses a range that is none", async () => {
    given = `file:${folder}`;
    await expect(lake.range("a", -1, 2)).rejects.toMatchObject({ code: "BAD_RANGE" });
  });

  it("finds a file that was moved in with the time it had before", async () => {
    const project = tempProject({ "in/new.csv": "1" });
    given = `file:${project.dir}`;
    const { cursor } = await lake.newObjects("in/", null);
    writeFileSync(project.path("in/old.csv"), "2");
    utimesSync(project.path("in/old.csv"), new Date("2001-01-01"), new Date("2001-01-01"));
    const { objects } = await lake.newObjects("in/", cursor, { lookback: "1ms" });
    expect(objects.map(({ key }) => key)).toEqual(["in/old.csv"]);
  });

  it("refuses a cursor that is none, or of another prefix, and a limit that is none", async () => {
    given = `file:${folder}`;
    const { cursor } = await lake.newObjects("a/", null);
    for (const wrong of [cursor.replace("a/", "b/"), "", "[1]", "{}", 7 as never, undefined as never])
      await expect(lake.newObjects("a/", wrong)).rejects.toMatchObject({ code: "BAD_CURSOR" });
    for (const limit of [0, -1, 1.5, Number.NaN])
      await expect(lake.newObjects("a/", null, { limit })).rejects.toMatchObject({ code: "BAD_LIMIT" });
    await expect(lake.newObjects("../a", null)).rejects.toMatchObject({ code: "OBJECT_OUTSIDE_PREFIX" });
  });
});
