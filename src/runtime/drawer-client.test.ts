import { expect, test } from "vitest";
import { encodeValue } from "../core/value-codec.ts";
import { DrawerClient, unwritten } from "./drawer-client.ts";

test("what is written to a drawer that keeps nothing is seen by its writer alone", async () => {
  const stored = new Map([["mark", encodeValue("2025-08-12")]]);
  const memory = new DrawerClient(
    "ctx.memory",
    unwritten(async (key) => stored.get(key) ?? null),
  );
  expect(await memory.get("mark")).toBe("2025-08-12");
  expect(await memory.update<string>("mark", (old) => `${old} and on`)).toBe("2025-08-12 and on");
  expect(await memory.get("mark")).toBe("2025-08-12 and on");
  await memory.set("mark", undefined);
  expect(await memory.get("mark")).toBeUndefined();
  expect([...stored]).toEqual([["mark", encodeValue("2025-08-12")]]);
});
