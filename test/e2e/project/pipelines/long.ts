import { dag, task } from "tutti";

export const say = task("say", async (_: void, ctx) => {
  for (let line = 1; line <= 5_000; line++) ctx.log.info(`this is line ${line} of many`);
});

/** A log that is longer than what a page opens with. */
export default dag("long", {}, () => {
  say();
});
