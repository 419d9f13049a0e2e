import { buildIfStale } from "../../scripts/dist-folder.ts";

/** Before the first system test: dist/ is of the sources that stand here, because these tests start the command line as shipped. */
export default function setup(): void {
  const { ok, output } = buildIfStale();
  if (!ok) console.warn(`dist/ was built in spite of type errors; "npm run check" shows them too:\n${output}`);
}
