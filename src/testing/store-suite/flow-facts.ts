import { describe, expect, test } from "vitest";
import { inputKey } from "../../store/drawer-place.ts";
import { finished, sampleGroup, sampleWait, T0 } from "../store-samples.ts";
import { RUN, type StoreFixture } from "./store-fixture.ts";

/** The tasks "b" of a run are those that its body, the task "a", has asked for. */
export function flowFacts(db: StoreFixture): void {
  describe("flows", () => {
    const wait = sampleWait({ kind: "tasks", tasks: [{ task: 1, from: 0, to: 2 }] });

    /** The body waits, and three task runs have begun, all of it in one group. Answers with their ids, the body's first. */
    async function begun(): Promise<readonly number[]> {
      const body = await db.startRun();
      const [, b] = db.tasks as [number, number, number];
      const given = [0, 1, 2].map((index) => ({
        taskRunId: body,
        claim: 1,
        to: { drawer: "inputs", taskRunId: body, key: inputKey(b, index) } as const,
        value: `=[${index}]`,
      }));
      const inserts = [0, 1, 2].map((mapIndex) => ({
        taskId: b,
        mapIndex,
        state: "running" as const,
        claim: 1 as const,
        attempt: 1,
        generation: 1,
        worker: "w",
        queuedAt: T0,
        claimedAt: T0,
        endedAt: null,
        error: null,
        skipReason: null,
      }));
      const [result] = await db.commit(
        sampleGroup(RUN, 1, {
          drawers: given,
          inserts,
          changes: [{ id: body, claim: 1, kind: "defer", wait, at: T0 + 3 }],
        }),
      );
      return [body, ...result!.ids];
    }

    test("what a body asks for is there together with its wait, and each task run reads what it was given", async () => {
      const [body, ...ids] = await begun();
      expect(await db.taskRun(body!)).toMatchObject({ state: "deferred", wait });
      const inputs = await Promise.all(ids.map((id) => db.store.readInput(id, db.tasks[0]!)));
      expect(inputs).toEqual(["=[0]", "=[1]", "=[2]"]);
      expect(await db.store.readInput(body!, db.tasks[0]!)).toBeNull();
      // It is none of its steps.
      expect(await db.store.readSteps(body!)).toEqual([]);
    });

    test("whoever asks what has ended gets the ends, in order and up to a limit", async () => {
      const [, first, second, third] = await begun();
      const error = { name: "Error", message: "broken" };
      const output = { kind: "inline", text: "[7]" } as const;
      await db.commit(
        sampleGroup(RUN, 2, {
          changes: [finished(third!, 1, { state: "failed", error, output: null }), finished(first!, 1, { output })],
        }),
      );
      const taskId = db.tasks[1]!;
      const ends = (ranges: readonly (readonly [number, number])[], limit = 10) =>
        db.store.readEnds(
          RUN,
          ranges.map(([from, to]) => ({ taskId, from, to })),
          limit,
        );
      const [zero, two] = await ends([[0, 2]]);
      expect(zero).toEqual({ taskId, mapIndex: 0, state: "succeeded", output, error: null, skipReason: null });
      expect(two).toEqual({ taskId, mapIndex: 2, state: "failed", output: null, error, skipReason: null });
      expect(await ends([[1, 1]])).toEqual([]);
      expect((await ends([[0, 2]], 1)).map(({ mapIndex }) => mapIndex)).toEqual([0]);
      expect(
        (
          await ends([
            [2, 2],
            [0, 0],
          ])
        ).map(({ mapIndex }) => mapIndex),
      ).toEqual([2, 0]);
      expect(await ends([])).toEqual([]);
      await db.commit(
        sampleGroup(RUN, 3, { changes: [finished(second!, 1, { state: "skipped", skipReason: "no", output: null })] }),
      );
      expect(await ends([[1, 1]])).toMatchObject([{ state: "skipped", skipReason: "no", output: null }]);
    });

    test("a body that starts from nothing loses its steps and what it gave, though it had failed", async () => {
      const [body, first] = await begun();
      const to = { drawer: "steps", taskRunId: body!, key: "1" } as const;
      const reopen = {
        id: body!,
        claim: 2,
        kind: "reopen",
        generation: 2,
        groupRetries: [],
        discarded: 1,
        at: T0,
      } as const;
      await db.commit(
        sampleGroup(RUN, 2, {
          changes: [
            { id: body!, claim: 1, kind: "requeue", from: "deferred", losses: 0, at: T0 },
            { id: body!, claim: 1, kind: "claim", worker: "w", at: T0 },
          ],
        }),
      );
      await db.commit(sampleGroup(RUN, 3, { drawers: [{ taskRunId: body!, claim: 2, to, value: "one" }] }));
      await db.commit(
        sampleGroup(RUN, 4, {
          changes: [finished(body!, 2, { state: "failed" }), { ...reopen, from: "failed", empties: true }],
        }),
      );
      expect(await db.store.readSteps(body!)).toEqual([]);
      expect(await db.store.readInput(first!, db.tasks[0]!)).toBeNull();
    });
  });
}
