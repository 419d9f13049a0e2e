import { join } from "node:path";
import { pythonVenv } from "../python-venv.ts";
import type { System } from "../system.ts";

/** 1.12 needs a parser that its installation downloads from elsewhere. */
const PACKAGES = ["dbt-core==1.11.16", "dbt-duckdb==1.11.1"];

/** As its users install it. Nothing has to run for it. */
export const system: System = {
  title: "dbt-core with DuckDB (PyPI)",
  limits: { install: 300, start: 1 },
  async install(at) {
    await pythonVenv(at, PACKAGES);
  },
  async start({ folder }) {
    return { reach: { venv: join(folder, "venv") }, async stop() {} };
  },
};
