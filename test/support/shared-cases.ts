import { existsSync, readFileSync } from "node:fs";

/** One fact about how another scheduler behaves. Each kind has fields of its own. */
// oxlint-disable-next-line typescript/no-explicit-any
export type SharedCase = Record<string, any>;

const folder = new URL("../../../shared/cases/", import.meta.url);

/** The lists of cases in a file of `../shared/cases`; without that folder none, loudly, or an error where they are required. */
export function sharedCases(file: string): Readonly<Record<string, readonly SharedCase[]>> {
  const path = new URL(file, folder);
  if (existsSync(path)) return JSON.parse(readFileSync(path, "utf8")) as Record<string, SharedCase[]>;
  if (process.env.TUTTI_REQUIRE_CASES === "1")
    throw new Error(`TUTTI_REQUIRE_CASES=1, but ${path.pathname} is not there.`);
  console.warn(`LEFT OUT: every case of ${file}, because ${folder.pathname} is not there.`);
  return {};
}
