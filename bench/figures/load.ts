import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadProject } from "../../src/loader/load.ts";
import type { Measure } from "../figure.ts";

const FILES = 200;
const COLD_MS = 10_000;
const WARM_MS = 1_500;

/** A project of many files: the first load of it, and the next one, when nothing has changed. */
export const load: Measure<void> = async () => {
  const root = await mkdtemp(join(tmpdir(), "tutti-bench-load-"));
  try {
    await writeProject(root);
    const [cold, warm] = [await loadMs(root), await loadMs(root)];
    const judged = { unit: "ms", bound: "at most", limit: null } as const;
    return [
      { name: "loading 200 files, cold", value: cold, budget: COLD_MS, ...judged },
      { name: "loading 200 files, unchanged", value: warm, budget: WARM_MS, ...judged },
    ];
  } finally {
    await rm(root, { recursive: true, force: true });
  }
};

async function loadMs(root: string): Promise<number> {
  const start = performance.now();
  const { workflows, errors } = await loadProject({
    root,
    pipelinesDir: join(root, "pipelines"),
    stateDir: join(root, ".tutti"),
  });
  for (const error of errors) throw error;
  if (workflows.size !== FILES) throw new Error(`${workflows.size} workflows of ${FILES} files`);
  return performance.now() - start;
}

async function writeProject(root: string): Promise<void> {
  await Promise.all(["lib", "pipelines"].map((folder) => mkdir(join(root, folder))));
  await writeFile(
    join(root, "lib/row.ts"),
    "export interface Row {\n  id: number;\n  amount: number;\n}\n\nexport const total = (rows: readonly Row[]) => rows.reduce((sum, row) => sum + row.amount, 0);\n",
  );
  await Promise.all(
    Array.from({ length: FILES }, (_, number) =>
      writeFile(join(root, `pipelines/sales-${number}.ts`), pipeline(number)),
    ),
  );
}

const pipeline = (number: number): string => `import { daily, dag, task } from "tutti";
import { type Row, total } from "../lib/row.ts";

const extract = task("extract", { retries: 3, timeout: "5m" }, (): Row[] =>
  Array.from({ length: ${number + 1} }, (_, id) => ({ id, amount: id * 2 })));
const transform = task("transform", ({ rows }: { rows: Row[] }) => rows.filter((row) => row.amount > ${number}));
const load = task("load", ({ rows }: { rows: Row[] }, ctx) => ctx.log.info("loaded", { rows: rows.length }));
const notify = task("notify", ({ rows }: { rows: Row[] }) => \`\${total(rows)} in all\`);

export default dag("sales_${number}", { schedule: daily({ at: "06:00" }), tags: ["sales"] }, () => {
  const rows = transform({ rows: extract() });
  load({ rows }).before(notify({ rows }));
});
`;
