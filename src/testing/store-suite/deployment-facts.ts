import { describe, expect, test } from "vitest";
import { sampleVersion, T0 } from "../store-samples.ts";
import type { StoreFixture } from "./store-fixture.ts";

export function deploymentFacts(db: StoreFixture): void {
  const deploy = (...versions: readonly ReturnType<typeof sampleVersion>[]) =>
    db.store.deploy({ versions, at: T0 }).then(({ workflows, retired }) => ({
      changes: Object.fromEntries(workflows.map(({ version, change }) => [version.workflow, change])),
      retired,
    }));
  const known = async () =>
    Object.fromEntries(
      (await db.reader.listWorkflows()).map(({ name, version, deployed, retired }) => [
        name,
        retired ? "retired" : deployed ? version : "only run",
      ]),
    );

  describe("deployments", () => {
    test("everything becomes the latest at once, and what is gone is retired, until it comes back", async () => {
      const [a, b, changed] = [sampleVersion("a", ["x"]), sampleVersion("b", ["x"]), sampleVersion("b", ["x", "y"])];
      expect(await deploy(a, b)).toEqual({ changes: { a: "new", b: "new" }, retired: [] });
      expect(await deploy(a, changed)).toEqual({ changes: { a: "unchanged", b: "changed" }, retired: [] });
      expect(await deploy(a)).toEqual({ changes: { a: "unchanged" }, retired: ["b"] });
      expect(await known()).toEqual({ a: a.hash, b: "retired", sales: "only run" });
      // What is retired already is not retired again.
      expect(await deploy(a)).toEqual({ changes: { a: "unchanged" }, retired: [] });
      expect(await deploy(b)).toEqual({ changes: { b: "back" }, retired: ["a"] });
      expect(await known()).toEqual({ a: "retired", b: b.hash, sales: "only run" });
      expect((await db.store.latestVersion("b"))?.hash).toBe(b.hash);
    });

    test("the queues are those that tasks of deployed workflows name", async () => {
      const [a, b] = [sampleVersion("a", ["x", "y"]), sampleVersion("b", ["x"])].map((version, at) => ({
        ...version,
        manifest: {
          ...version.manifest,
          tasks: version.manifest.tasks.map((task, place) => (place === 0 ? { ...task, queue: `q${at}` } : task)),
        },
      }));
      await deploy(a!, b!);
      expect(await db.reader.listQueues()).toEqual(["q0", "q1", null]);
      await deploy(a!);
      expect(await db.reader.listQueues()).toEqual(["q0", null]);
    });

    test("what is kept is not retired", async () => {
      await deploy(sampleVersion("a", ["x"]), sampleVersion("b", ["x"]), sampleVersion("c", ["x"]));
      const { retired } = await db.store.deploy({ versions: [sampleVersion("a", ["x"])], at: T0, keep: ["b"] });
      expect(retired).toEqual(["c"]);
    });

    test("a version that was only run by hand is new, and what was only run is never retired", async () => {
      const newer = sampleVersion("sales", ["a"], "2");
      expect(await deploy(newer)).toEqual({ changes: { sales: "new" }, retired: [] });
      await db.store.registerVersion(sampleVersion("sales", ["a"], "3"));
      expect(await known()).toEqual({ sales: newer.hash });
    });

    test("a deployment that can't be written as a whole changes nothing", async () => {
      await deploy(sampleVersion("a", ["x"]));
      const broken = { ...sampleVersion("c", ["x"]), file: null as never };

      await expect(deploy(sampleVersion("b", ["x"]), broken)).rejects.toThrow();
      expect(await known()).toEqual({ a: "a/x/1", sales: "only run" });
    });

    test("of two deployments at once, one comes after the other", async () => {
      const [mine, theirs] = [
        ["a", "b", "c"],
        ["c", "b", "d"],
      ].map((names) => names.map((name) => sampleVersion(name, ["x"], names.join())));
      await Promise.all([deploy(...mine!), deploy(...theirs!)]);

      const after = await known();
      const last = after["b"] === mine![1]!.hash ? mine! : theirs!;
      const deployed = Object.fromEntries(last.map((version) => [version.manifest.name, version.hash]));
      expect(after).toEqual({ sales: "only run", a: "retired", d: "retired", ...deployed });
    });
  });
}
