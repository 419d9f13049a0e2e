import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

const A_FILE = 10;
const TAGS = ["finance", "sales", "ops", "growth"];

/** The pipeline files of a project with so many workflows: ordinary ones, each on a schedule and with a tag, and one that is wide. */
export async function writePipelines(folder: string, workflows: number, wideTasks: number): Promise<void> {
  const dir = join(folder, "pipelines");
  await mkdir(dir, { recursive: true });
  const ordinary = workflows - 1;
  for (let first = 0; first < ordinary; first += A_FILE) {
    const count = Math.min(A_FILE, ordinary - first);
    await writeFile(join(dir, `team_${String(first / A_FILE).padStart(3, "0")}.ts`), file(first, count));
  }
  await writeFile(join(dir, "wide.ts"), wide(wideTasks));
}

const nameOf = (place: number): string => `workflow_${String(place).padStart(3, "0")}`;

/** A diamond, twice: as many edges as people draw. */
function file(first: number, count: number): string {
  const dags = Array.from({ length: count }, (_, place) => {
    const number = first + place;
    const tags = JSON.stringify([TAGS[number % TAGS.length]]);
    const at = `${String(number % 24).padStart(2, "0")}:${String((number * 7) % 60).padStart(2, "0")}`;
    return `export const w${number} = dag("${nameOf(number)}", { tags: ${tags}, schedule: daily({ at: "${at}" }), description: "The ${number}th of many" }, body);`;
  });
  return `import { dag, daily, task } from "tutti";

const step = (name: string) => task(name, async (rows: number) => rows + 1);
const first = task("extract", async () => 1);
const names = ["clean", "dedupe", "enrich", "validate", "join", "aggregate", "publish", "notify", "archive"];
const [a, b, c, d, e, f, g, h, i] = names.map(step) as [ReturnType<typeof step>, ReturnType<typeof step>, ReturnType<typeof step>, ReturnType<typeof step>, ReturnType<typeof step>, ReturnType<typeof step>, ReturnType<typeof step>, ReturnType<typeof step>, ReturnType<typeof step>];
const body = (): void => {
  const rows = first();
  const [left, right] = [a(rows), b(rows)];
  const joined = e(c(left)).after(d(right));
  const [x, y] = [f(joined), g(joined)];
  h(x);
  i(y);
};
${dags.join("\n")}
`;
}

const wide = (tasks: number): string => `import { dag, task } from "tutti";

const steps = Array.from({ length: ${tasks} }, (_, place) => task("step_" + String(place).padStart(4, "0"), async () => place));
export const wide = dag("wide", { tags: ["ops"] }, () => {
  // Layers of a hundred, each task after one of the layer before.
  const placed: ReturnType<(typeof steps)[number]>[] = [];
  for (const [place, step] of steps.entries()) {
    const ref = step();
    placed.push(place < 100 ? ref : ref.after(placed[place - 100]!));
  }
});
`;
