import { dag, FailWithoutRetry, group, RetryAfter, task } from "tutti";

export const copy = task("copy", async (_: void, ctx) => ({ rows: 3, generation: ctx.runInfo.generation }));
export const check = task("check", async ({ copied }: { copied: { rows: number } }) => {
  if (copied.rows === 0) throw new Error("nothing was copied");
  return copied.rows;
});

export const open = task("open", async ({ store }: { store: string }) => ({ store, shelves: store.length }));

/** Its own wait for one error, no second try for another; the default is one more try. */
export const count = task(
  "count",
  { retries: { limit: 1, delay: "50ms", on: [{ error: "TypeError", limit: 0 }] } },
  async ({ shop }: { shop: { store: string; shelves: number } }, ctx) => {
    if (shop.shelves === 0) throw new FailWithoutRetry(`${shop.store} has no shelves`);
    if (shop.store === "lyon" && ctx.attempt === 1) throw new RetryAfter("100ms");
    return shop.shelves;
  },
);
export const sum = task("sum", async ({ counts }: { counts: readonly number[] }) => counts.reduce((a, b) => a + b, 0));
export const cleanUp = task("clean_up", () => console.log("cleaned up"));

export default dag(
  "groups",
  { description: "Tasks that are retried together, once or for each element of a list." },
  () => {
    const staged = group("stage", { retries: 2 }, () => check({ copied: copy() })); // a retry runs both again
    const perStore = group.each("per_store", { retries: 1 }, ["berlin", "lyon", "porto"], (store) =>
      count({ shop: open({ store }) }),
    );
    sum({ counts: perStore.out });
    cleanUp().after(staged, perStore).when("all_done");
  },
);
