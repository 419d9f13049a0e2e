import { describe, expect, test } from "vitest";
import { SecretCollector, SecretDesk } from "../../owner/secrets/delivery.ts";
import { keepSecret } from "../../owner/secrets/keep-secret.ts";
import { type KeyRing, newKey } from "../../owner/secrets/key-ring.ts";
import { SecretSource } from "../../owner/secrets/secret-source.ts";
import { finished, running, sampleGroup, sampleRun, sampleVersion, T0 } from "../store-samples.ts";
import { RUN, type StoreFixture } from "./store-fixture.ts";

/** Of a store on which workers work that have no key. */
export function secretDeliveryFacts(db: StoreFixture): void {
  const ring: KeyRing = { keys: [newKey()], from: "a test", file: null };
  const keep = (kind: "secret" | "connection", name: string, value: string, tags: readonly string[] | null = null) =>
    db.store.access.apply(
      keepSecret({ kind, name, value, tags, description: null }, ring, { at: T0, by: "a test" }),
      null,
    );
  /** A run with a task on worker `w1` that declares a secret and a connection. */
  async function start(): Promise<{ taskRunId: number; claim: number }> {
    const sample = sampleVersion("feed", ["a"], "secrets", { latest: true });
    const tasks = sample.manifest.tasks.map((task) => ({ ...task, secrets: ["api"] }));
    const manifest = { ...sample.manifest, tasks, connections: ["orders"] };
    const version = await db.store.registerVersion({ ...sample, manifest });
    const create = sampleRun(RUN, version.id);
    const inserts = [running(version.taskIds[0]!, { worker: "w1.offers" })];
    const [result] = await db.commit(sampleGroup(RUN, 0, { create, inserts }));
    return { taskRunId: result!.ids[0]!, claim: 1 };
  }
  function sides() {
    const { deliveries } = db.store.secrets;
    const kept = { connections: {}, secrets: [{ kind: "store" }] } as const;
    const source = SecretSource.of(kept, { store: db.store, ring: () => ring }, {});
    const desk = new SecretDesk({
      deliveries: deliveries!,
      store: db.store,
      source,
      notice: (text) => expect.fail(text),
    });
    const collector = (worker = "w1") => Object.assign(new SecretCollector(deliveries!, worker), { notify: desk.look });
    return { deliveries: deliveries!, collector };
  }

  describe("secrets for workers without the key", () => {
    test("are given for a claim that holds, sealed for the worker that asks, and leave nothing behind", async () => {
      await keep("secret", "api", "sw0rdfish");
      await keep("connection", "orders", "postgres://me:hunter22@db");
      await keep("secret", "undeclared", "x");
      const task = await start();
      const { collector, deliveries } = sides();
      const ask = { workflow: "feed", task } as const;
      const secrets = await collector().collect({ ...ask, kind: "secret", names: ["api", "undeclared", "nothing"] });
      expect(secrets).toEqual({ values: { api: "sw0rdfish" }, problems: {} });
      const connections = await collector().collect({ ...ask, kind: "connection", names: ["orders", "api"] });
      expect(connections.values).toEqual({ orders: "postgres://me:hunter22@db" });
      expect(await deliveries.open(10)).toEqual([]);
    });

    test("say why one can't be had", async () => {
      await keep("secret", "api", "x", ["finance"]);
      const task = await start();
      const { problems } = await sides()
        .collector()
        .collect({ kind: "secret", names: ["api"], workflow: "feed", task });
      expect(problems).toMatchObject({ api: { code: "SECRET_NOT_GRANTED" } });
    });

    test("are given to nobody else: not to another worker, for another claim, or when the task has ended", async () => {
      await keep("secret", "api", "x");
      const task = await start();
      const { collector, deliveries } = sides();
      const ask = { kind: "secret", names: ["api"], workflow: "feed" } as const;
      const refused = { code: "SECRET_NOT_DELIVERED" };
      await expect(collector("w2").collect({ ...ask, task }, 60)).rejects.toMatchObject(refused);
      await expect(collector().collect({ ...ask, task: { ...task, claim: 2 } }, 60)).rejects.toMatchObject(refused);
      await db.commit(sampleGroup(RUN, 1, { changes: [finished(task.taskRunId, 1)] }));
      await expect(collector().collect({ ...ask, task }, 60)).rejects.toMatchObject(refused);
      expect(await deliveries.take(1)).toBeNull();
    });

    test("an answer is taken once, and none is written over another", async () => {
      const task = await start();
      const { deliveries } = sides();
      const id = await deliveries.ask({ worker: "w1", ...task, kind: "secret", names: ["a\0b"], publicKey: "k" });
      expect(await deliveries.open(10)).toMatchObject([{ id, names: ["a\0b"], workflow: "feed", worker: "w1" }]);
      expect(await deliveries.take(id)).toBeNull();
      expect([await deliveries.answer(id, "one"), await deliveries.answer(id, "two")]).toEqual([true, false]);
      expect([await deliveries.take(id), await deliveries.take(id)]).toEqual(["one", null]);
    });
  });
}
