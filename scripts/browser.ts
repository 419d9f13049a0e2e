import { existsSync } from "node:fs";

/** Where systems keep it. */
const PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** The browser that tests and benches drive; `null`: there is none. */
export const chromiumPath = (): string | null =>
  [process.env["TUTTI_CHROMIUM"] ?? "", ...PLACES].find((path) => path !== "" && existsSync(path)) ?? null;

export const NO_CHROMIUM =
  "There is no Chromium. On Debian: apt-get install chromium. Elsewhere: TUTTI_CHROMIUM=/path/to/chrome";
