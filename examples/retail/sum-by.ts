import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import type { ArtifactRef, Context } from "tutti";
import { sparkSubmit } from "tutti/spark";
import { type Amounts, type OrderLine, totalBy } from "./sales.ts";
import { whereConfigured } from "./where-configured.ts";

type Summed<K extends keyof OrderLine> = Pick<OrderLine, K> & Amounts;

const submit = sparkSubmit("spark");

/** Sums up the lines of an artifact: in Spark where the connection "spark" is configured, else in this process. */
export async function sumBy<K extends keyof OrderLine>(
  ctx: Context,
  file: ArtifactRef,
  keys: K[],
): Promise<Summed<K>[]> {
  return await whereConfigured(
    () => inSpark(ctx, file, keys),
    async () => totalBy(await linesOf(file), ...keys),
  );
}

/** A folder that Spark's workers see is where the two meet. It has the task run's name, so that another attempt finds what is there. */
async function inSpark<K extends keyof OrderLine>(ctx: Context, file: ArtifactRef, keys: K[]): Promise<Summed<K>[]> {
  const folder = new URL(`./data/exchange/${ctx.idempotencyKey.replaceAll(/[^\w-]/g, "_")}/`, import.meta.url);
  const [lines, draft, sums] = ["lines.jsonl", ".lines", "sums.jsonl"].map((name) =>
    fileURLToPath(new URL(name, folder)),
  );
  await mkdir(folder, { recursive: true });
  await pipeline(Readable.fromWeb(file.stream()), createWriteStream(draft!));
  await rename(draft!, lines!);
  await submit(ctx, {
    application: fileURLToPath(new URL("./jobs/sum_by.py", import.meta.url)),
    args: [lines!, sums!, keys.join(",")],
    name: `retail ${ctx.date}: ${ctx.task}`,
  });
  const summed = (await readFile(sums!, "utf8")).split("\n").filter((line) => line !== "");
  await rm(folder, { recursive: true });
  return summed.map((line) => JSON.parse(line) as Summed<K>);
}

async function linesOf(file: ArtifactRef): Promise<OrderLine[]> {
  const lines: OrderLine[] = [];
  for await (const line of file.rows<OrderLine>()) lines.push(line);
  return lines;
}
