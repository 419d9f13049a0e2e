import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { own, type OwnerInfo, tryOwn, whoOwns } from "./owner-lock.ts";

const MODULE = new URL("./owner-lock.ts", import.meta.url).href;
const NODE = process.execPath;

let folder: string;
let store: string;
const children: ChildProcess[] = [];

const me = (more: Partial<OwnerInfo> = {}): OwnerInfo => ({
  pid: process.pid,
  socket: null,
  startedAt: 1,
  command: "tutti run x",
  ...more,
});

/** Another process that takes the lock; its line is "true" when it got it. It then waits to be killed. */
async function other(): Promise<{ readonly child: ChildProcess; readonly got: string }> {
  const script = `
    const { tryOwn } = await import(${JSON.stringify(MODULE)});
    const lock = tryOwn(${JSON.stringify(store)}, { pid: process.pid, socket: "/s", startedAt: 7, command: "tutti start" });
    console.log(lock !== null);
    setInterval(() => lock, 1_000_000);`;
  const child = spawn(NODE, ["--no-warnings", "--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  return { child, got: line.toString().trim() };
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tutti-lock-"));
  store = join(folder, "tutti.db");
});
afterEach(async () => {
  for (const child of children.splice(0)) if (child.exitCode === null && child.signalCode === null) await kill(child);
  rmSync(folder, { recursive: true, force: true });
});

test("one process owns a store, and the others are refused at once and told who it is", async () => {
  const { child, got } = await other();
  const before = performance.now();

  expect(got).toBe("true");
  expect(tryOwn(store, me())).toBeNull();
  expect(performance.now() - before).toBeLessThan(1_000);
  expect(whoOwns(store)).toEqual({ pid: child.pid, socket: "/s", startedAt: 7, command: "tutti start" });
  expect(() => own(store, me())).toThrow(
    expect.objectContaining({
      code: "STORE_LOCKED",
      message: expect.stringContaining(`process ${child.pid} (\`tutti start\`)`),
    }),
  );
});

test("kill -9 of the owner frees the store", async () => {
  const { child } = await other();
  await kill(child);

  expect(whoOwns(store)).toBeNull();
  const lock = tryOwn(store, me());
  expect(whoOwns(store)).toEqual(me());
  lock!.release();
});

test("looking who owns a store does not take the lock away from its owner, also within its process", async () => {
  const lock = tryOwn(store, me())!;
  for (let look = 0; look < 20; look += 1) expect(whoOwns(store)).toEqual(me());
  expect(tryOwn(store, me())).toBeNull();

  expect((await other()).got).toBe("false");
  lock.release();
  expect((await other()).got).toBe("true");
});

test("what the owner says of itself can change", () => {
  const lock = tryOwn(store, me())!;
  lock.announce(me({ socket: "/run/x.sock" }));

  expect(whoOwns(store)).toEqual(me({ socket: "/run/x.sock" }));
  lock.release();
  lock.release();
  expect(whoOwns(store)).toBeNull();
});

test("a store has one owner whatever link leads to it", () => {
  const link = join(folder, "link");
  symlinkSync(folder, link);
  const lock = tryOwn(join(link, "tutti.db"), me())!;

  expect(tryOwn(store, me())).toBeNull();
  lock.release();
});
