import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT, tableOf } from "./page.ts";

const PAGE = "docs/operate/limits-and-errors.md";
const TABLES = [
  "writing",
  "loading",
  "command line",
  "running",
  "values",
  "store",
  "machines",
  "server",
  "connectors",
  "testing",
  "tutti itself",
];

/** Texts that look like codes and are none of ours: names of variables, and what Node or an example says. */
const OTHERS =
  /^(TUTTI_|OTEL_|OPENLINEAGE_|ERR_|NODE_|SSL_CERT_|LC_|(HTTPS?|NO)_PROXY$|(LD|DYLD)_LIBRARY_PATH$|(NO|FORCE)_COLOR$|AWS_|WHEN_REQUIRED$|AUTH_FAILED$|EAI_AGAIN$|SNOWFLAKE_JWT$|NO_DATA$|ROOT_CONTEXT$|TIMESTAMP_TZ$)/;
/** Codes of one word look like any other word in capitals. */
const SINGLE_WORDS = ["CYCLE", "CANCELLED", "FORBIDDEN", "INTERNAL", "UNAUTHENTICATED"];

function codesInSources(): string[] {
  const files = globSync("src/**/*.ts", { cwd: ROOT }).filter(
    (file) => !/\.test(-[a-z]+)?\.ts$|\/(templates|fixtures|store-suite)\//.test(file),
  );
  const texts = files.flatMap((file) =>
    [...withoutComments(readFileSync(join(ROOT, file), "utf8")).matchAll(/"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)"/g)].map(
      ([, text = ""]) => text,
    ),
  );
  const codes = texts.filter((text) => (text.includes("_") ? !OTHERS.test(text) : SINGLE_WORDS.includes(text)));
  return [...new Set(codes)].toSorted();
}

const withoutComments = (text: string): string => text.replaceAll(/^\s*(\/\*.*?\*\/|\/\/[^\n]*$)/gms, "");

test("every error code is on the page, with what to do, and no other", () => {
  const rows = TABLES.flatMap((table) => tableOf(PAGE, table));
  const told = rows.map(([code = ""]) => code.replaceAll("`", ""));
  expect(told.toSorted()).toEqual(codesInSources());
  expect(rows.filter(([, remedy = ""]) => remedy.length < 10)).toEqual([]);
});
