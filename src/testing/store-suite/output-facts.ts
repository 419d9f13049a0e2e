import { describe, expect, test } from "vitest";
import { finished, queued, running, sampleAttempt, sampleGroup, T0 } from "../store-samples.ts";
import { RUN, type StoreFixture } from "./store-fixture.ts";

export function outputFacts(db: StoreFixture): void {
  describe("outputs and history", () => {
    test("an output, its lists and a branch's arms come back; a task run without one has none", async () => {
      const inline = await db.startRun();
      const [result] = await db.commit(
        sampleGroup(RUN, 1, { inserts: [running(db.tasks[1]!), running(db.tasks[2]!)] }),
      );
      const [frame, none] = result!.ids as [number, number];
      await db.commit(
        sampleGroup(RUN, 2, {
          changes: [
            finished(inline, 1, {
              output: { kind: "inline", text: '["ä"]' },
              arms: ["bulk"],
              lists: { out: { length: 4 } },
            }),
            finished(frame, 1, { output: { kind: "frame", uri: "artifact:1", bytes: 300_000 } }),
            finished(none, 1, { output: null }),
          ],
        }),
      );

      expect(await db.store.readOutputs([inline, frame, none, 9_999])).toEqual(
        new Map([
          [inline, { value: { kind: "inline", text: '["ä"]' }, lists: { out: { length: 4 } } }],
          [frame, { value: { kind: "frame", uri: "artifact:1", bytes: 300_000 }, lists: null }],
        ]),
      );
      expect(await db.taskRun(inline)).toMatchObject({
        hasOutput: true,
        arms: ["bulk"],
        lists: { out: { length: 4 } },
      });
      expect([(await db.taskRun(frame)).hasOutput, (await db.taskRun(none)).hasOutput]).toEqual([true, false]);
    });

    test("attempts are appended in order, with those of rows that the same group inserted", async () => {
      const id = await db.startRun();
      await db.commit(
        sampleGroup(RUN, 1, {
          attempts: [
            sampleAttempt({ id }, db.version.id, { outcome: "lost", error: { name: "Error", message: "gone" } }),
          ],
        }),
      );
      const skip = queued(db.tasks[1]!, { state: "skipped", mapIndex: 3, endedAt: T0, skipReason: "no rows" });
      await db.commit(
        sampleGroup(RUN, 2, {
          inserts: [skip],
          attempts: [
            sampleAttempt({ insert: 0 }, db.version.id, { outcome: "skipped", claim: 0 }),
            sampleAttempt({ id }, db.version.id, { claim: 2, waitedFor: 7 }),
          ],
        }),
      );

      const attempts = await db.reader.attempts(RUN);
      expect(attempts.map((attempt) => [attempt.task, attempt.mapIndex, attempt.outcome])).toEqual([
        ["a", null, "lost"],
        ["b", 3, "skipped"],
        ["a", null, "succeeded"],
      ]);
      expect(attempts[0]).toMatchObject({
        taskRunId: id,
        error: { name: "Error", message: "gone" },
        versionId: db.version.id,
      });
      expect(attempts[2]).toMatchObject({ claim: 2, waitedFor: 7 });
    });
  });
}
