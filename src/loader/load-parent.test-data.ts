import { loadFile } from "./load.ts";
import type { LoadOptions } from "./file-loader.ts";

// Loads a file in a process of its own, for tests that kill it meanwhile.
await loadFile("pipelines/a.ts", JSON.parse(process.argv[2]!) as LoadOptions);
