import { expect, test } from "vitest";
import { addresses, sparkConnection } from "./spark-connection.ts";

test.each([
  ["local", "local", "client"],
  ["local[*]", "local", "client"],
  ["local[2,4]", "local", "client"],
  ["spark://host:7077", "standalone", "cluster"],
  ["spark://a:7077,b:7077?deploy_mode=client", "standalone", "client"],
  ["yarn?resource_manager=rm:8088", "yarn", "cluster"],
  ["yarn?deploy_mode=client", "yarn", "client"],
  ["k8s://https://host:6443?namespace=spark", "kubernetes", "cluster"],
])("%s is a %s master, and its driver runs in %s mode", (url, manager, deployMode) => {
  expect(sparkConnection("cluster", url)).toMatchObject({ master: url.split("?")[0], manager, deployMode });
});

test("Spark properties behind the ? are those of every job", () => {
  const { conf, options, patienceMs } = sparkConnection(
    "cluster",
    "spark://host:7077?spark.executor.memory=2g&rest=host:6066&patience=5s",
  );
  expect(conf).toEqual({ "spark.executor.memory": "2g" });
  expect(options).toEqual({ rest: "host:6066", patience: "5s" });
  expect(patienceMs).toBe(5_000);
});

test.each([
  ["http://host:6066?token=hunter2", "its URL is no Spark master"],
  ["mesos://host:5050", "its URL is no Spark master"],
  ["", "its URL is no Spark master"],
  ["local[2]?rest=host:6066", '"rest" is no option of a local master'],
  ["spark://host:7077?tokn=hunter2", '"tokn" is no option of a standalone master. Known: deploy_mode, '],
  ["spark://host:7077?deploy_mode=remote", 'deploy_mode is "remote"'],
  ["yarn", "add ?resource_manager=http://host:8088"],
])("%j is refused: %s", (url, why) => {
  expect(() => sparkConnection("cluster", url)).toThrow(
    expect.objectContaining({ code: "CONNECTION_URL_REFUSED", message: expect.stringContaining(why) }),
  );
  expect(() => sparkConnection("cluster", url)).not.toThrow("hunter2");
});

test("addresses follow from the master's hosts, unless they are said", () => {
  expect(addresses(undefined, "spark://a:7077,b:7078", 6066)).toEqual(["http://a:6066", "http://b:6066"]);
  expect(addresses("a:1, https://b:2/", "spark://c:7077", 6066)).toEqual(["http://a:1", "https://b:2"]);
});
