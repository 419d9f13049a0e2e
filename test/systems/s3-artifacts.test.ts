import { globSync, readFileSync, rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { setConnectionResolver } from "../../src/authoring/connection.ts";
import { objectStore } from "../../src/connectors/object-store/index.ts";
import { tempProject } from "../support/temp-project.ts";
import { tutti } from "../support/tutti-process.ts";
import { started } from "./started.ts";

const s3 = started("s3");
const { endpoint = "", region = "", accessKey = "", secretKey = "", bucket = "" } = s3 ?? {};
const keys = new URLSearchParams({ access_key_id: accessKey, secret_access_key: secretKey });
const place = `s3://${bucket}/artifacts?${new URLSearchParams({ endpoint, region }).toString()}`;

/** A list that is large enough to rest as a frame, mapped over; an artifact; and an attempt that fails after it has written one. */
const PIPELINE = `
import { readFileSync } from "node:fs";
import { dag, task } from "tutti";

// In two parts, so that it stands in no bundle.
const secret = ${JSON.stringify(secretKey.split("-"))}.join("-");
const extract = task("extract", async (_: void, ctx) => {
  const rows = Array.from({ length: 40 }, (_, n) => ({ n, text: "x".repeat(10_000) }));
  const file = await ctx.artifact("rows.jsonl").write(rows);
  ctx.log.info("the key of the store is " + secret);
  return { rows, file, argv: readFileSync("/proc/self/cmdline", "utf8"), env: JSON.stringify(process.env) };
});
const one = task("one", async ({ row }: { row: { n: number; text: string } }) => row.n + row.text.length);
const total = task("total", { retries: 1 }, async ({ parts, data }: { parts: number[]; data: any }, ctx) => {
  await ctx.artifact("attempt.txt").write(new TextEncoder().encode("attempt " + ctx.attempt));
  if (ctx.attempt === 1) throw new Error("once");
  let rows = 0;
  for await (const row of data.file.rows()) rows += row.text.length;
  return { sum: parts.reduce((a, b) => a + b), rows, bytes: (await data.file.bytes()).length, shown: data.argv.includes(secret) || data.env.includes(secret) };
});

export default dag("remote", {}, () => {
  const data = extract();
  const parts = one.map({ row: data.rows });
  return total({ parts, data });
});
`;

describe.skipIf(s3 === null)("artifacts and logs in S3", () => {
  let before: ReturnType<typeof setConnectionResolver>;
  beforeAll(() => void (before = setConnectionResolver(() => `${place}&${keys.toString()}`)));
  afterAll(() => void setConnectionResolver(before));
  const objects = objectStore("artifacts");
  const stored = async (prefix: string): Promise<string[]> => {
    const found: string[] = [];
    for await (const { key } of objects.list(prefix)) found.push(key);
    return found;
  };
  // As on a machine of Amazon's, where the keys stand in the environment.
  const env = {
    TUTTI_ARTIFACTS: place,
    TUTTI_LOGS: place.replace("/artifacts?", "/logs?"),
    AWS_ACCESS_KEY_ID: accessKey,
    AWS_SECRET_ACCESS_KEY: secretKey,
  };

  it("a run writes, reads by parts and prunes there, keeps nothing of a failed attempt, and shows no key", async () => {
    const here = tempProject({ "pipelines/remote.ts": PIPELINE, "package.json": "{}" });
    const ran = await tutti(["run", "remote", "--json"], { cwd: here.dir, env });
    expect([ran.code, ran.stderr]).toEqual([0, ""]);
    const { run, tasks } = JSON.parse(ran.stdout) as { run: { id: string }; tasks: { output: unknown }[] };
    expect(tasks.at(-1)?.output).toEqual({
      sum: 40 * 10_000 + 780,
      rows: 40 * 10_000,
      bytes: expect.any(Number) as number,
      shown: false,
    });
    expect(globSync("**/artifacts/**", { cwd: here.dir })).toEqual([]);
    const left = await stored(`${run.id}/`);
    for (const name of ["rows.jsonl", "attempt.txt"])
      expect(left.filter((key) => key.endsWith(`/${name}`))).toHaveLength(1);
    for (const file of globSync(".tutti/**", { cwd: here.dir, withFileTypes: true }))
      if (file.isFile()) expect(readFileSync(`${file.parentPath}/${file.name}`).includes(secretKey)).toBe(false);

    // As somebody on another machine, who has the runs and not the files.
    rmSync(here.path(".tutti/logs"), { recursive: true });
    const logs = await tutti(["logs", run.id], { cwd: here.dir, env });
    expect(logs.stdout).toContain("the key of the store is ***");

    const pruned = await tutti(["prune", "--older-than", "1ms", "--json"], { cwd: here.dir, env });
    expect(pruned.code).toBe(0);
    expect(await stored(`${run.id}/`)).toEqual([]);
  });

  it("a bucket that is not there fails the task, and says so", async () => {
    const here = tempProject({ "pipelines/remote.ts": PIPELINE, "package.json": "{}" });
    const ran = await tutti(["run", "remote", "--json"], {
      cwd: here.dir,
      env: { ...env, TUTTI_ARTIFACTS: place.replace(bucket, "nowhere-at-all") },
    });
    expect(ran.code).toBe(1);
    expect(ran.stdout + ran.stderr).toContain("BUCKET_NOT_FOUND");
    expect(ran.stdout + ran.stderr).not.toContain(secretKey);
  });
});
