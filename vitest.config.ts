import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const src = (path: string) => new URL(`src/${path}`, import.meta.url).pathname;

/** Tests that import the package by name get the sources that the test beside them gets, not a second copy from dist/. */
const alias = [
  { find: /^tutti$/, replacement: src("index.ts") },
  { find: /^tutti\/testing$/, replacement: src("testing/index.ts") },
  { find: /^tutti\/(sql|duckdb)$/, replacement: src("connectors/$1/index.ts") },
];

const common = {
  pool: "forks" as const,
  // Children and signals need processes; Node 22 warns about type stripping and node:sqlite in each of them.
  execArgv: ["--disable-warning=ExperimentalWarning"],
  hookTimeout: 60_000,
};

export default defineConfig({
  test: {
    // Vitest takes one core less than there are, which on two cores is one file at a time.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        resolve: { alias },
        test: {
          ...common,
          name: "unit",
          include: ["src/**/*.test.ts", "test/architecture.test.ts"],
          exclude: ["src/**/templates/**", "src/**/fixtures/**"],
          testTimeout: 20_000,
        },
      },
      {
        resolve: { alias },
        test: {
          ...common,
          name: "system",
          include: ["test/**/*.test.ts", "examples/**/*.test.ts"],
          exclude: ["test/architecture.test.ts", "**/node_modules/**"],
          // Only here: unit tests never wait for a build.
          globalSetup: ["test/support/built-package.ts"],
          testTimeout: 120_000,
        },
      },
    ],
  },
});
