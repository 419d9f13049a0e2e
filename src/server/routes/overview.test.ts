import { expect, test } from "vitest";
import { systemClock } from "../../core/clock.ts";
import { momentText } from "../../core/moment-text.ts";
import { scheduledVersion } from "../../testing/store-suite/schedule-facts.ts";
import { T0 } from "../../testing/store-samples.ts";
import { newGroup, runId, testServer } from "../fixture.test-data.ts";

const LOCAL = { as: "local" } as const;
const HOUR = 3_600_000_000;

interface Overview {
  readonly news: { readonly workflow: string }[];
}

test("the overview counts what there is, and says which workflow fails since when and at what", async () => {
  const { ask, fill, token } = await testServer();
  const { failed } = await fill();
  const now = (await (await ask("/api/overview", LOCAL)).json()) as Overview;
  expect(now).toMatchObject({
    workflows: { total: 2, paused: 0, retired: 0, loadErrors: 0 },
    runs: { failed: 1, running: 2 },
    backfills: { running: 0, paused: 0 },
    alerts: { failed: 0, more: false },
    news: [
      {
        kind: "failing",
        workflow: "sales",
        since: momentText(T0 + 5_000_000),
        run: { id: failed, state: "failed" },
        failedTask: { task: "load", mapIndex: null },
      },
    ],
  });
  const headers = { authorization: `Bearer ${await token("viewer", { tags: ["nothing"] })}` };
  const others = await (await ask("/api/overview", { headers })).json();
  expect(others).toMatchObject({ workflows: { total: 0 }, runs: {}, news: [] });
});

test("the last runs of each workflow come as bars, whatever others ran since, and only of those that one may see", async () => {
  const { ask, engine, fill, token } = await testServer();
  const { sales, ops, failed, going, other } = await fill();
  interface Recent {
    readonly items: readonly { readonly workflow: string; readonly runs: readonly { readonly id: string }[] }[];
  }
  const recent = async (headers?: Record<string, string>) =>
    ((await (await ask("/api/recent-runs", headers === undefined ? LOCAL : { headers })).json()) as Recent).items.map(
      ({ workflow, runs }) => [workflow, runs.map(({ id }) => id)],
    );
  expect(await recent()).toEqual([
    ["ops", [other]],
    ["sales", [going, failed]],
  ]);
  const later = Array.from({ length: 20 }, (_, place) => runId(10 + place));
  await engine.store.commit(later.map((id) => newGroup(id, ops.id)));
  expect(await recent()).toEqual([
    ["ops", later.toReversed().slice(0, 14)],
    ["sales", [going, failed]],
  ]);
  await engine.store.commit([newGroup(runId(40), sales.id)]);
  expect(await recent({ authorization: `Bearer ${await token("viewer", { tags: ["finance"] })}` })).toEqual([
    ["sales", [runId(40), going, failed]],
  ]);
});

test("the timeline has what ran and what will, a lane for each workflow", async () => {
  const { ask, engine, fill } = await testServer();
  const { failed, going } = await fill();
  await engine.deploy({ versions: [scheduledVersion("daily", ["schedule"])], at: T0 });
  const now = systemClock.now();
  const timeline = async (from: number, to: number, more = "") =>
    (await ask(`/api/timeline?from=${momentText(from)}&to=${momentText(to)}${more}`, LOCAL)).json() as Promise<object>;
  expect(await timeline(0, HOUR)).toMatchObject({ lanes: [], more: false });
  // Ids of the sample runs say when they were made.
  const past = (await timeline(T0 - 10 * 24 * HOUR, T0 + 10 * 24 * HOUR, "&workflow=sales")) as {
    lanes: { runs: { id: string }[] }[];
  };
  expect(past.lanes[0]!.runs.map(({ id }) => id)).toEqual([going, failed]);
  const soon = (await timeline(now, now + 49 * HOUR, "&workflow=daily")) as { lanes: { coming: string[] }[] };
  expect(soon.lanes).toMatchObject([{ workflow: "daily", runs: [] }]);
  expect(soon.lanes[0]!.coming).toHaveLength(2);
  expect(await timeline(HOUR, 0)).toMatchObject({ error: { code: "BAD_REQUEST" } });
});

test("what schedules will start comes in order, but not of a workflow that is paused", async () => {
  const { ask, engine } = await testServer();
  await engine.deploy({ versions: [scheduledVersion("a", ["x", "y"]), scheduledVersion("b", ["x"])], at: T0 });
  const coming = async () =>
    ((await (await ask("/api/schedules/coming", LOCAL)).json()) as { items: { workflow: string; schedule: string }[] })
      .items;
  expect((await coming()).map(({ workflow, schedule }) => `${workflow} ${schedule}`)).toEqual(["a x", "a y", "b x"]);
  await engine.setPaused("a", "ada");
  expect(await coming()).toMatchObject([{ workflow: "b" }]);
});
