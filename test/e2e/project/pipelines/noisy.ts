import { dag, task } from "tutti";

const ESC = "\u001b";

export const say = task("say", (_: void, ctx) => {
  ctx.log.info(`${ESC}[31mred${ESC}[0m and ${ESC}[1mbold${ESC}[0m, then a bell \u0007 and a NUL \u0000`);
  ctx.log.warn(`<img src=x onerror="window.pwned = true"><script>window.pwned = true</script>`);
  ctx.log.info(`turned \u202eround`);
  ctx.log.info("x".repeat(1_000_000));
  throw new Error(`<b>not bold</b> ${"y".repeat(300)}`);
});

/** Says what no page should choke on. */
export default dag("noisy", { description: "<i>HTML</i> in a description" }, () => {
  say();
});

const LONG = `a_name_of_two_hundred_characters_${"x".repeat(167)}`;
export const long = dag(LONG, { tags: ["long"] }, () => {
  say.as(`${LONG.slice(0, 180)}_task`)();
});
