import { chmodSync } from "node:fs";
import { expect, test } from "vitest";
import { tempProject } from "../../../test/support/temp-project.ts";
import { fakeContext } from "../../testing/index.ts";
import { python } from "./index.ts";

/** Says what it was called with, as an interpreter would be. */
const INTERPRETER = `#!/bin/sh
echo "$0 $*"
echo "$VIRTUAL_ENV|$PATH|$PYTHONUNBUFFERED|\${DAGSTER_PIPES_CONTEXT:+pipes}"
`;

function project() {
  const made = tempProject({
    ".venv/bin/python": INTERPRETER,
    "other/bin/python": INTERPRETER,
    "bin/python3.99": INTERPRETER,
    "scripts/train.py": "",
  });
  for (const file of [".venv/bin/python", "other/bin/python", "bin/python3.99"]) chmodSync(made.path(file), 0o755);
  return made;
}

async function called(
  ...args: Parameters<typeof python> extends [unknown, ...infer Rest] ? Rest : never
): Promise<string[]> {
  const ctx = fakeContext();
  await python(ctx, ...args);
  return ctx.logs.map(({ message }) => message);
}

test("the virtual environment of the folder is used, its programs come first, and output is not buffered", async () => {
  const { dir } = project();
  const [first, second] = await called("scripts/train.py", { cwd: dir, args: ["--date", "a b"] });
  expect(first).toBe(`${dir}/.venv/bin/python ${dir}/scripts/train.py --date a b`);
  expect(second).toMatch(new RegExp(`^${dir}/.venv\\|${dir}/.venv/bin:.*\\|1\\|pipes$`));
});

test("another environment, or another interpreter, is used where it is named", async () => {
  const { dir } = project();
  expect((await called("scripts/train.py", { cwd: dir, venv: "other" }))[0]).toMatch(/other\/bin\/python /);
  expect((await called({ module: "shop.train" }, { cwd: dir, python: "./bin/python3.99", pipes: false }))[0]).toMatch(
    /python3\.99 -m shop\.train$/,
  );
});

test.each([
  ["a script that is not there", "scripts/gone.py", {}, "COMMAND_NOT_FOUND", /scripts\/gone\.py" is not there/],
  [
    "no such Python",
    "scripts/train.py",
    { python: "python9.9" },
    "COMMAND_NOT_FOUND",
    /Python was not found.*"python9\.9".*venv/s,
  ],
  [
    "no such environment",
    "scripts/train.py",
    { venv: "gone" },
    "COMMAND_NOT_FOUND",
    /gone" is no virtual environment.*python3 -m venv/s,
  ],
  ["a module with a space", { module: "a b" }, {}, "BAD_COMMAND", /no name of a Python module/],
  ["an argument that is no text", "scripts/train.py", { args: [1 as never] }, "BAD_COMMAND", /Argument 1/],
])("%s is one clear error", async (_, script, options, code, message) => {
  const { dir } = project();
  await expect(python(fakeContext(), script, { cwd: dir, ...options })).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message),
  });
});
