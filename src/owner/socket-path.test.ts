import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { socketPath } from "./socket-path.ts";

test("the socket is beside the store; in the temp folder, under a hash, when that path is too long; a named pipe on Windows", () => {
  expect(socketPath("/a/.tutti/tutti.db", "linux")).toBe("/a/.tutti/tutti.db.sock");
  const long = socketPath(`/${"folder/".repeat(15)}tutti.db`, "linux");
  expect(long).toMatch(/tutti-[0-9a-f]{24}\.sock$/);
  expect(long.startsWith(tmpdir())).toBe(true);
  expect(Buffer.byteLength(socketPath(`/${"ü".repeat(60)}/t.db`, "linux"))).toBeLessThanOrEqual(100);
  expect(socketPath("/a/tutti.db", "win32")).toMatch(/^\\\\\.\\pipe\\tutti-/);
});
