import { expect, test } from "vitest";
import { hashPassword, isPassword } from "./password.ts";

test("a password is known again, another one is not, and what is kept tells neither", async () => {
  const kept = await hashPassword("correct horse battery");
  expect(kept).toMatch(/^scrypt\$65536\$8\$1\$[\w-]{22}\$[\w-]{43}$/);
  expect(await isPassword("correct horse battery", kept)).toBe(true);
  expect(await isPassword("correct horse batterz", kept)).toBe(false);
  expect(await isPassword("correct horse battery", null)).toBe(false);
  expect(await isPassword("", "")).toBe(false);
});
