import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const src = (path: string) => new URL(`src/${path}`, import.meta.url).pathname;

/** Tests that import the package by name get the sources that the test beside them gets, not a second copy from dist/. */
const alias = [
  { find: /^tutti$/, replacement: src("index.ts") },
  { find: /^tutti\/testing$/, replacement: src("testing/index.ts") },
  { find: /^tutti\/client$/, replacement: src("client/index.ts") },
  { find: /^tutti\/([a-z-]+)$/, replacement: src("connectors/$1/index.ts") },
];

const PURE = ["src/core/**/*.test.ts", "src/authoring/**/*.test.ts"];

const common = {
  pool: "forks" as const,
  // Children and signals need processes; Node 22 warns about type stripping and node:sqlite in each of them.
  execArgv: ["--disable-warning=ExperimentalWarning"],
  hookTimeout: 60_000,
};

const systems = {
  resolve: { alias },
  test: {
    ...common,
    name: "systems",
    include: ["test/systems/**/*.test.ts"],
    globalSetup: ["test/support/built-package.ts"],
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
};

/** Stories of a minute, most of it leases: `npm run test:crash` plays them. */
const whole = process.env["TUTTI_CRASH_ROUNDS"] === undefined ? ["test/crash/whole/**"] : [];

/** In a real browser. */
const e2e = {
  resolve: { alias },
  test: {
    ...common,
    name: "e2e",
    include: ["test/e2e/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
};

export default defineConfig({
  test: {
    // Half of the time of long files is waiting: for leases to end, for processes to start.
    maxWorkers: availableParallelism() + 2,
    projects: [
      {
        resolve: { alias },
        test: {
          ...common,
          name: "pure",
          include: PURE,
          // Nothing there reads or changes its process, so that its files can share one.
          isolate: false,
          testTimeout: 60_000,
        },
      },
      {
        resolve: { alias },
        test: {
          ...common,
          name: "unit",
          include: ["src/**/*.test.ts", "ui/src/**/*.test.ts", "test/architecture.test.ts"],
          exclude: ["src/**/templates/**", "src/**/fixtures/**", ...PURE],
          testTimeout: 60_000,
        },
      },
      {
        resolve: { alias },
        test: {
          ...common,
          name: "system",
          include: ["test/**/*.test.ts", "examples/**/*.test.ts"],
          exclude: ["test/architecture.test.ts", "test/systems/**", "test/e2e/**", "**/node_modules/**", ...whole],
          // Only here: unit tests never wait for a build.
          globalSetup: ["test/support/built-package.ts"],
          testTimeout: 120_000,
        },
      },
      // Only under `npm run test:systems`, which starts them.
      ...(process.env["TUTTI_SYSTEMS"] === undefined ? [] : [systems]),
      // Only under `npm run test:e2e`, which looks for the browser first.
      ...(process.env["TUTTI_E2E"] === undefined ? [] : [e2e]),
    ],
  },
});
