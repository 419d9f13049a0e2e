import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StandaloneSpark } from "../../test/support/standalone-spark.ts";
import { runToEnd } from "../system-process.ts";
import type { Place, System } from "../system.ts";

const VERSION = "4.3.0";

/** From PyPI, whose package holds all of Spark; it needs Java. */
export const system: System = {
  title: `Spark ${VERSION}, a standalone master and a worker`,
  limits: { install: 600, start: 120 },

  async install({ folder, signal }: Place) {
    await runToEnd("java", ["-version"], { signal }).catch((error: Error) => {
      throw new Error(`Spark needs Java 17 or newer. ${error.message}`);
    });
    const done = join(folder, `installed-${VERSION}`);
    if (existsSync(done)) return;
    await runToEnd("python3", ["-m", "venv", "--clear", join(folder, "venv")], { signal });
    await runToEnd(join(folder, "venv", "bin", "pip"), ["install", "--quiet", `pyspark==${VERSION}`], { signal });
    writeFileSync(done, "");
  },

  async start({ folder, signal }: Place) {
    const python = join(folder, "venv", "bin", "python");
    const place = "import os, pyspark; print(os.path.dirname(pyspark.__file__))";
    const home = (await runToEnd(python, ["-c", place], { signal })).trim();
    const spark = await StandaloneSpark.start({ home, python, signal });
    return { reach: { home, python, url: spark.url, ui: spark.ui }, stop: () => spark.stop() };
  },
};
