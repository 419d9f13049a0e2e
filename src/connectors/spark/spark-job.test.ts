import { resolve } from "node:path";
import { expect, test } from "vitest";
import { sparkConnection } from "./spark-connection.ts";
import { fingerprint, jobSpec, type SparkJob } from "./spark-job.ts";
import { submitArguments } from "./submit-arguments.ts";

const local = sparkConnection("cluster", "local[2]?spark.a=1&spark.b=1");
const spec = (job: SparkJob) => jobSpec(job, local, "retail.transform");

test("a job becomes the command line of spark-submit", () => {
  const job = spec({
    application: "jobs/daily.py",
    args: ["2017-12-25", 3, ""],
    conf: { "spark.b": true },
    pyFiles: ["lib.zip", "s3a://code/more.zip"],
    packages: ["org.postgresql:postgresql:42.7.8"],
  });
  expect(submitArguments(job, { master: "local[2]", deployMode: "client", conf: { "spark.ui.port": "4050" } })).toEqual(
    [
      "--master",
      "local[2]",
      "--deploy-mode",
      "client",
      "--name",
      "retail.transform",
      "--py-files",
      `${resolve("lib.zip")},s3a://code/more.zip`,
      "--packages",
      "org.postgresql:postgresql:42.7.8",
      "--conf",
      "spark.a=1",
      "--conf",
      "spark.b=true",
      "--conf",
      "spark.ui.port=4050",
      resolve("jobs/daily.py"),
      "2017-12-25",
      "3",
      "",
    ],
  );
});

test("a jar brings its class, and keeps its URL", () => {
  const job = spec({ application: "local:/opt/jobs.jar", mainClass: "shop.Daily", name: "daily" });
  expect(submitArguments(job, { master: "yarn", deployMode: "cluster", conf: {} })).toEqual([
    "--master",
    "yarn",
    "--deploy-mode",
    "cluster",
    "--name",
    "daily",
    "--class",
    "shop.Daily",
    "--conf",
    "spark.a=1",
    "--conf",
    "spark.b=1",
    "local:/opt/jobs.jar",
  ]);
});

test("another argument, property or master makes another submission", () => {
  const one = fingerprint(spec({ application: "a.py", args: ["x"] }), "local");
  expect(fingerprint(spec({ application: "a.py", args: ["x"] }), "local")).toBe(one);
  expect(fingerprint(spec({ application: "a.py", args: ["y"] }), "local")).not.toBe(one);
  expect(fingerprint(spec({ application: "a.py", args: ["x"], conf: { "spark.c": 1 } }), "local")).not.toBe(one);
  expect(fingerprint(spec({ application: "a.py", args: ["x"] }), "yarn")).not.toBe(one);
});

test.each([
  [{ application: "" }, "BAD_SPARK_JOB", '"application" must be a text'],
  [{ application: "a.py", args: "x" }, "BAD_SPARK_JOB", '"args" must be a list'],
  [{ application: "a.py", args: [{}] }, "BAD_SPARK_JOB", '"args"[0] must be a text'],
  [{ application: "a.py", args: ["a\0b"] }, "BAD_SPARK_JOB", '"args"[0] holds a zero byte'],
  [{ application: "a.py", conf: { executors: 2 } }, "BAD_SPARK_JOB", '"conf" has "executors"'],
  [{ application: "a.py", conf: { "spark.a": {} } }, "BAD_SPARK_JOB", '"conf" must give "spark.a"'],
  [{ application: "a.py", argss: [] }, "UNKNOWN_OPTION", '"argss"'],
])("%j is refused with %s", (job, code, why) => {
  expect(() => spec(job as unknown as SparkJob)).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(why) }),
  );
});
