import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";

const HOOK = new URL("./resolve-hook.ts", import.meta.url).href;

/** In a process of its own: a hook is for all of a process. */
const seen = (specifier: string): string =>
  execFileSync(
    process.execPath,
    [
      "--disable-warning=ExperimentalWarning",
      "--input-type=module",
      "--eval",
      `const { installResolveHook } = await import(${JSON.stringify(HOOK)}); installResolveHook({ projectDir: "/nowhere" });
       console.log(import.meta.resolve(${JSON.stringify(specifier)}));`,
    ],
    { encoding: "utf8", cwd: "/" },
  ).trim();

test.each([
  ["tutti", "src/index.ts"],
  ["tutti/testing", "src/testing/index.ts"],
  ["tutti/client", "src/client/index.ts"],
  ["tutti/shell", "src/connectors/shell/index.ts"],
])("%s is this package, whoever imports it: %s", (specifier, file) => {
  expect(seen(specifier).endsWith(`/${file}`)).toBe(true);
});
